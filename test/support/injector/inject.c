// SPDX-License-Identifier: MIT
// Preloaded into the helper by the tests: counts the calls by which it changes the disk and starts programs, and at the
// N-th kills it or has it fail. Steered through a small file that both sides see (injector.ts). Off in children.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum action { COUNT, KILL, FAIL_ONCE, FAIL_FROM };

static struct {
  atomic_int armed, action, at, error, count;
  char what[236];
} *shared;
static pid_t helper;

extern void *dlvsym(void *, const char *, const char *);
static void *(*real_dlsym)(void *, const char *);
static void *real(const char *name) { return real_dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("BERTH_INJECT");
  real_dlsym = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.34");
  if (!real_dlsym) real_dlsym = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.2.5");
  if (!real_dlsym) real_dlsym = dlvsym(RTLD_NEXT, "dlsym", "GLIBC_2.17");
  unsetenv("LD_PRELOAD");
  if (!file) return;
  int fd = open(file, O_RDWR | O_CLOEXEC);
  void *at = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (fd < 0 || at == MAP_FAILED) _exit(99);
  close(fd);
  shared = at;
  helper = getpid();
}

// Whether this call is to fail, with errno set; it does not return where the helper is to die.
static int strikes(const char *call, const char *path) {
  if (!shared || !shared->armed || getpid() != helper) return 0;
  int number = ++shared->count, at = shared->at, action = shared->action;
  if (action == COUNT || number < at || (number > at && action != FAIL_FROM)) return 0;
  if (number == at) snprintf(shared->what, sizeof shared->what, "%s %s", call, path ? path : "");
  if (action == KILL) {
    kill(helper, SIGKILL);
    for (;;) pause();
  }
  errno = shared->error;
  return 1;
}

// The log, sockets and pipes are no state.
static int strikesFile(const char *call, int fd) {
  struct stat found;
  int before = errno;
  if (!shared || !shared->armed || fd <= 2 || fstat(fd, &found) || !(S_ISREG(found.st_mode) || S_ISDIR(found.st_mode))) return errno = before, 0;
  char link[40], path[200];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  errno = before;
  return strikes(call, path);
}

#define NEXT(type, name, ...) static type (*next)(__VA_ARGS__); if (!next) next = real(#name)
#define ON_PATH(type, name, parameters, path, ...) \
  type name parameters { static type (*next) parameters; if (!next) next = real(#name); return strikes(#name, path) ? (type)-1 : next(__VA_ARGS__); }
#define ON_FILE(type, name, parameters, fd, ...) \
  type name parameters { static type (*next) parameters; if (!next) next = real(#name); return strikesFile(#name, fd) ? (type)-1 : next(__VA_ARGS__); }
#define ON_OPEN(name) \
  int name(const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); NEXT(int, name, const char *, int, mode_t); \
    return flags & (O_CREAT | O_TRUNC) && strikes(#name, path) ? -1 : next(path, flags, mode); }
#define ON_OPENAT(name) \
  int name(int at, const char *path, int flags, ...) { \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); NEXT(int, name, int, const char *, int, mode_t); \
    return flags & (O_CREAT | O_TRUNC) && strikes(#name, path) ? -1 : next(at, path, flags, mode); }

ON_OPEN(open) ON_OPEN(open64) ON_OPENAT(openat) ON_OPENAT(openat64)
ON_PATH(int, creat, (const char *path, mode_t mode), path, path, mode)
ON_PATH(int, mkdir, (const char *path, mode_t mode), path, path, mode)
ON_PATH(int, mkdirat, (int at, const char *path, mode_t mode), path, at, path, mode)
ON_PATH(int, rmdir, (const char *path), path, path)
ON_PATH(int, unlink, (const char *path), path, path)
ON_PATH(int, unlinkat, (int at, const char *path, int flags), path, at, path, flags)
ON_PATH(int, remove, (const char *path), path, path)
ON_PATH(int, rename, (const char *from, const char *to), from, from, to)
ON_PATH(int, renameat, (int at, const char *from, int there, const char *to), from, at, from, there, to)
ON_PATH(int, renameat2, (int at, const char *from, int there, const char *to, unsigned flags), from, at, from, there, to, flags)
ON_PATH(int, link, (const char *from, const char *to), to, from, to)
ON_PATH(int, linkat, (int at, const char *from, int there, const char *to, int flags), to, at, from, there, to, flags)
ON_PATH(int, symlink, (const char *to, const char *path), path, to, path)
ON_PATH(int, symlinkat, (const char *to, int at, const char *path), path, to, at, path)
ON_PATH(int, mknodat, (int at, const char *path, mode_t mode, dev_t device), path, at, path, mode, device)
ON_PATH(int, chmod, (const char *path, mode_t mode), path, path, mode)
ON_PATH(int, fchmodat, (int at, const char *path, mode_t mode, int flags), path, at, path, mode, flags)
ON_PATH(int, chown, (const char *path, uid_t uid, gid_t gid), path, path, uid, gid)
ON_PATH(int, lchown, (const char *path, uid_t uid, gid_t gid), path, path, uid, gid)
ON_PATH(int, fchownat, (int at, const char *path, uid_t uid, gid_t gid, int flags), path, at, path, uid, gid, flags)
ON_PATH(int, truncate, (const char *path, off_t length), path, path, length)
ON_PATH(int, setxattr, (const char *path, const char *name, const void *value, size_t size, int flags), path, path, name, value, size, flags)
ON_PATH(int, lsetxattr, (const char *path, const char *name, const void *value, size_t size, int flags), path, path, name, value, size, flags)
ON_PATH(int, removexattr, (const char *path, const char *name), path, path, name)
ON_PATH(int, mount, (const char *from, const char *to, const char *type, unsigned long flags, const void *data), to, from, to, type, flags, data)
ON_PATH(int, umount, (const char *path), path, path)
ON_PATH(int, umount2, (const char *path, int flags), path, path, flags)
ON_FILE(ssize_t, write, (int fd, const void *from, size_t size), fd, fd, from, size)
ON_FILE(ssize_t, writev, (int fd, const struct iovec *from, int count), fd, fd, from, count)
ON_FILE(ssize_t, pwrite, (int fd, const void *from, size_t size, off_t at), fd, fd, from, size, at)
ON_FILE(ssize_t, pwrite64, (int fd, const void *from, size_t size, off64_t at), fd, fd, from, size, at)
ON_FILE(ssize_t, pwritev, (int fd, const struct iovec *from, int count, off_t at), fd, fd, from, count, at)
ON_FILE(ssize_t, pwritev64, (int fd, const struct iovec *from, int count, off64_t at), fd, fd, from, count, at)
ON_FILE(ssize_t, sendfile, (int fd, int from, off_t *at, size_t size), fd, fd, from, at, size)
ON_FILE(ssize_t, sendfile64, (int fd, int from, off64_t *at, size_t size), fd, fd, from, at, size)
ON_FILE(ssize_t, copy_file_range, (int from, off64_t *start, int fd, off64_t *at, size_t size, unsigned flags), fd, from, start, fd, at, size, flags)
ON_FILE(int, fsync, (int fd), fd, fd)
ON_FILE(int, fdatasync, (int fd), fd, fd)
ON_FILE(int, ftruncate, (int fd, off_t length), fd, fd, length)
ON_FILE(int, ftruncate64, (int fd, off64_t length), fd, fd, length)
ON_FILE(int, fallocate, (int fd, int mode, off_t at, off_t length), fd, fd, mode, at, length)
ON_FILE(int, fallocate64, (int fd, int mode, off64_t at, off64_t length), fd, fd, mode, at, length)
ON_FILE(int, fchmod, (int fd, mode_t mode), fd, fd, mode)
ON_FILE(int, fchown, (int fd, uid_t uid, gid_t gid), fd, fd, uid, gid)
ON_FILE(int, fsetxattr, (int fd, const char *name, const void *value, size_t size, int flags), fd, fd, name, value, size, flags)
ON_FILE(int, fremovexattr, (int fd, const char *name), fd, fd, name)

char *mkdtemp(char *path) {
  NEXT(char *, mkdtemp, char *);
  return strikes("mkdtemp", path) ? NULL : next(path);
}

pid_t fork(void) {
  NEXT(pid_t, fork, void);
  return strikes("fork", NULL) ? -1 : next();
}

// Node makes this one call without libc's own function.
long syscall(long number, ...) {
  long word[6];
  va_list rest;
  va_start(rest, number);
  for (int i = 0; i < 6; i++) word[i] = va_arg(rest, long);
  va_end(rest);
  NEXT(long, syscall, long, ...);
  if (number == SYS_copy_file_range && strikesFile("copy_file_range", word[2])) return -1;
  return next(number, word[0], word[1], word[2], word[3], word[4], word[5]);
}

static int isOurs(void *function) {
  Dl_info own, other;
  return function && dladdr((void *)begin, &own) && dladdr(function, &other) && own.dli_fbase == other.dli_fbase;
}

// What is looked up at run time (koffi's libc.so.6) is counted too.
void *dlsym(void *handle, const char *name) {
  static void *self;
  Dl_info own;
  void *found = real_dlsym(handle, name);
  if (!self && dladdr((void *)begin, &own)) self = dlopen(own.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  void *ours = found && self && strcmp(name, "dlsym") ? real_dlsym(self, name) : NULL;
  return isOurs(ours) ? ours : found;
}
