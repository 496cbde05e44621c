/* SPDX-License-Identifier: MIT
 * The smallest guest that does what every kernel does first: long mode with paging, memory touched page by
 * page, CPUID and MSR exits, the local APIC's timer by interrupts out of hlt. Ends through isa-debug-exit.
 * Build: as --64 kvm-probe.S -o kvm-probe.o && ld -m elf_x86_64 -Ttext 0x100000 --oformat binary kvm-probe.o -o kvm-probe.bin
 */
	.set exit_port, 0xf4
	.set ticks_wanted, 50
	.set touched_from, 0x1000000	/* 16 MiB */
	.set touched_to, 0x5000000	/* 80 MiB */
	.set pml4, 0x200000
	.set pdpt, 0x201000
	.set pd, 0x202000
	.set idt, 0x206000
	.set stack_top, 0x208000

	.text
	.code32
	.globl _start
_start:
	jmp begin
	.balign 4
	/* Multiboot 0.6.96 header with load addresses (flag 16), for qemu -kernel */
header:	.long 0x1badb002, 0x00010000, -(0x1badb002 + 0x00010000)
	.long header, _start, 0, 0, begin

begin:
	cli
	movl $stack_top, %esp
	/* page tables: 4 GiB identity in 2 MiB pages */
	movl $pml4, %edi
	xorl %eax, %eax
	movl $(0x8000 / 4), %ecx
	cld
	rep stosl
	movl $(pdpt + 3), pml4
	movl $pdpt, %edi
	movl $(pd + 3), %eax
	movl $4, %ecx
1:	movl %eax, (%edi)
	addl $0x1000, %eax
	addl $8, %edi
	loop 1b
	movl $pd, %edi
	movl $0x83, %eax
	movl $2048, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	/* PAE, long mode, paging */
	movl %cr4, %eax
	orl $0x620, %eax		/* PAE, OSFXSR, OSXMMEXCPT */
	movl %eax, %cr4
	movl $pml4, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax
	wrmsr
	movl %cr0, %eax
	andl $~4, %eax
	orl $0x80000002, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $8, $long_mode

	.code64
long_mode:
	movl $16, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	/* gate 0x20: the timer; 0xff: spurious */
	movl $timer, %eax
	movl $(idt + 0x20 * 16), %edi
	call gate
	movl $spurious, %eax
	movl $(idt + 0xff * 16), %edi
	call gate
	lidt idt_pointer
	/* mask both PICs */
	movb $0xff, %al
	outb %al, $0x21
	outb %al, $0xa1

	/* floating point and vector state */
	movl $3, %eax
	cvtsi2sd %eax, %xmm0
	sqrtsd %xmm0, %xmm1

	/* memory the host has not given yet */
	movl $touched_from, %edi
1:	movl %edi, (%rdi)
	addl $0x1000, %edi
	cmpl $touched_to, %edi
	jb 1b

	/* exits: CPUID and an MSR */
	movl $2000, %esi
1:	movl $1, %eax
	xorl %ecx, %ecx
	cpuid
	movl $0x1b, %ecx
	rdmsr
	decl %esi
	jnz 1b

	/* local APIC on, timer periodic at vector 0x20, divided by 16 */
	movl $0xfee00000, %ebx
	movl $0x1ff, 0xf0(%rbx)
	movl $3, 0x3e0(%rbx)
	movl $0x20020, 0x320(%rbx)
	movl $62500, 0x380(%rbx)
	sti
1:	hlt
	cmpl $ticks_wanted, ticks
	jb 1b

	cli
	movl $0x10, %eax		/* QEMU ends with 0x10 << 1 | 1 = 33 */
	outl %eax, $exit_port
1:	hlt
	jmp 1b

gate:
	movw %ax, (%rdi)
	movw $8, 2(%rdi)
	movw $0x8e00, 4(%rdi)
	shrl $16, %eax
	movw %ax, 6(%rdi)
	ret

timer:
	pushq %rax
	incl ticks
	movl $0xfee00000, %eax
	movl $0, 0xb0(%rax)
	popq %rax
spurious:
	iretq

	.balign 16
gdt:	.quad 0, 0x00af9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
	.word gdt_pointer - gdt - 1
	.long gdt
	.balign 4
idt_pointer:
	.word 0xfff
	.quad idt
	.balign 4
ticks:	.long 0
