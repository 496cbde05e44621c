// SPDX-License-Identifier: MIT

/**
 * At its start Linux waits some 50 ms of the processor's counter for five ticks of the timer and panics where they
 * do not come (check_timer, arch/x86/kernel/apic/io_apic.c). An emulator on a busy computer may not get to its timers
 * for that long. Under KVM the kernel leaves the look out by itself; with this word (kernel-parameters.txt) it does so
 * everywhere.
 */
export const withoutTimerCheck = 'no_timer_check';
