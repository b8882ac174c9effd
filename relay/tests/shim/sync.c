/*
 * Stands between a relay and the system (LD_PRELOAD), so that tests can see in which order things reach disk and network, and can
 * make the disk slow, broken or full.
 *
 * SHIM_DIRECTORY  files below it are looked at, others are left alone
 * SHIM_LOG        what has happened, one line each, in the order in which it has:
 *                   write FILE IDS       a file was written to; which ids are in the bytes
 *                   sync-begin FILE
 *                   sync-end FILE RESULT
 *                   send IDS START       about to be sent to somebody; START is the first line, if there are ids
 * SHIM_CONTROL    a file that is read each time: `delay=MS eio=N full=N`. Syncs take so much longer; from the Nth sync on (of this
 *                 process, from 1) they fail with EIO; after N bytes writes fail with ENOSPC. Whatever is left out does not happen.
 * SHIM_DELAY      milliseconds that syncs take longer, unless the control says so. With neither log nor control nothing else is looked
 *                 at, so that the bench measures the delay alone.
 *
 * Ids are UUIDs that begin with PREFIX, as text or as 16 bytes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define TEXT "0192aaaa-bbbb-7ccc-8ddd-"
static const unsigned char BYTES[10] = {0x01, 0x92, 0xaa, 0xaa, 0xbb, 0xbb, 0x7c, 0xcc, 0x8d, 0xdd};
#define LINE 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long syncs, written;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

/* Whether only syncs are of interest. */
static int is_quiet(void) {
    static int quiet = -1;
    if (quiet < 0) quiet = !getenv("SHIM_LOG") && !getenv("SHIM_CONTROL");
    return quiet;
}

/* Adds to a line what still fits. */
static void add(char *line, size_t *used, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(line + *used, LINE - *used, format, arguments);
    va_end(arguments);
    if (count > 0) *used = *used + (size_t)count < LINE - 1 ? *used + (size_t)count : LINE - 1;
}

/* One line of the log, whole. By system calls, not by what this file replaces. */
static void say(char *line, size_t used) {
    static int log = -1;
    pthread_mutex_lock(&lock);
    if (log < 0) {
        const char *path = getenv("SHIM_LOG");
        if (path) log = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (log >= 0) {
        line[used++] = '\n';
        if (syscall(SYS_write, log, line, used) < 0) abort();
    }
    pthread_mutex_unlock(&lock);
}

/* The file behind a descriptor, if it is one that is looked at. */
static int is_ours(int fd, char *path, size_t size) {
    const char *directory = getenv("SHIM_DIRECTORY");
    char link[64];
    if (!directory) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return !strncmp(path, directory, strlen(directory));
}

/* A number of the control file; -1 if it is not there. */
static long control(const char *name) {
    const char *path = getenv("SHIM_CONTROL");
    char text[256];
    if (!path) return -1;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return -1;
    long length = syscall(SYS_read, fd, text, sizeof text - 1);
    syscall(SYS_close, fd);
    if (length < 0) return -1;
    text[length] = 0;
    const char *found = strstr(text, name);
    return found ? atol(found + strlen(name)) : -1;
}

/* The ids in some bytes, with commas between; how many there are. */
static int ids(const unsigned char *bytes, size_t length, char *line, size_t *used) {
    int count = 0;
    for (size_t at = 0; at + 16 <= length; at++) {
        if (at + 36 <= length && !memcmp(bytes + at, TEXT, 24)) {
            add(line, used, "%s%.36s", count++ ? "," : "", bytes + at);
            at += 35;
        } else if (!memcmp(bytes + at, BYTES, 10)) {
            const unsigned char *end = bytes + at + 10;
            add(line, used, "%s" TEXT "%02x%02x%02x%02x%02x%02x", count++ ? "," : "", end[0], end[1], end[2], end[3], end[4], end[5]);
            at += 15;
        }
    }
    return count;
}

static int is_full(size_t length) {
    long room = control("full=");
    if (room < 0) return 0;
    pthread_mutex_lock(&lock);
    int full = written + (long)length > room;
    pthread_mutex_unlock(&lock);
    return full;
}

static void wrote(const char *path, const void *bytes, ssize_t length) {
    if (length <= 0) return;
    char *line = malloc(LINE + 1);
    size_t used = 0;
    if (!line) abort();
    pthread_mutex_lock(&lock);
    written += length;
    pthread_mutex_unlock(&lock);
    add(line, &used, "write %s ", path);
    ids(bytes, (size_t)length, line, &used);
    say(line, used);
    free(line);
}

/* Before it is sent, so that nothing that follows can be logged before. */
static void sends(int fd, const struct iovec *parts, size_t count) {
    struct stat status;
    if (is_quiet()) return;
    if (fstat(fd, &status) || !S_ISSOCK(status.st_mode)) return;
    size_t length = 0, done = 0;
    for (size_t i = 0; i < count; i++) length += parts[i].iov_len;
    unsigned char *bytes = malloc(length + 1);
    char *line = malloc(LINE + 1);
    size_t used = 0;
    if (!bytes || !line) abort();
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes + done, parts[i].iov_base, parts[i].iov_len);
        done += parts[i].iov_len;
    }
    add(line, &used, "send ");
    if (ids(bytes, length, line, &used)) {
        size_t first = 0;
        while (first < length && first < 80 && bytes[first] >= ' ' && bytes[first] < 127) first++;
        add(line, &used, " %.*s", (int)first, bytes);
        say(line, used);
    }
    free(line);
    free(bytes);
}

#define SYNC(name) \
    int name(int fd) { \
        REAL(name); \
        char path[4096], line[LINE + 1]; \
        size_t used = 0; \
        if (!is_ours(fd, path, sizeof path)) return real(fd); \
        add(line, &used, "sync-begin %s", path); \
        say(line, used); \
        long delay = control("delay="), eio = control("eio="); \
        if (delay < 0 && getenv("SHIM_DELAY")) delay = atol(getenv("SHIM_DELAY")); \
        pthread_mutex_lock(&lock); \
        long number = ++syncs; \
        pthread_mutex_unlock(&lock); \
        if (delay > 0) { \
            struct timespec time = {delay / 1000, delay % 1000 * 1000000}; \
            nanosleep(&time, NULL); \
        } \
        int result = -1, fault = EIO; \
        if (eio < 0 || number < eio) { \
            result = real(fd); \
            fault = errno; \
        } \
        used = 0; \
        add(line, &used, "sync-end %s %d", path, result); \
        say(line, used); \
        errno = fault; \
        return result; \
    }

SYNC(fsync)
SYNC(fdatasync)

#define WRITE(name, parameters, arguments) \
    ssize_t name parameters { \
        REAL(name); \
        if (is_quiet()) return real arguments; \
        char path[4096]; \
        if (!is_ours(fd, path, sizeof path)) { \
            struct iovec part = {(void *)bytes, length}; \
            sends(fd, &part, 1); \
            return real arguments; \
        } \
        if (is_full(length)) { \
            errno = ENOSPC; \
            return -1; \
        } \
        ssize_t result = real arguments; \
        int fault = errno; \
        wrote(path, bytes, result); \
        errno = fault; \
        return result; \
    }

WRITE(write, (int fd, const void *bytes, size_t length), (fd, bytes, length))
WRITE(pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at))
WRITE(pwrite64, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at))

/* Larger files need room, too. */
#define GROW(name, type) \
    int name(int fd, type length) { \
        REAL(name); \
        char path[4096]; \
        struct stat status; \
        if (is_ours(fd, path, sizeof path) && !fstat(fd, &status) && length > status.st_size && is_full((size_t)(length - status.st_size))) { \
            errno = ENOSPC; \
            return -1; \
        } \
        return real(fd, length); \
    }

GROW(ftruncate, off_t)
GROW(ftruncate64, off64_t)

ssize_t writev(int fd, const struct iovec *parts, int count) {
    REAL(writev);
    sends(fd, parts, (size_t)count);
    return real(fd, parts, count);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    REAL(send);
    struct iovec part = {(void *)bytes, length};
    sends(fd, &part, 1);
    return real(fd, bytes, length, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    REAL(sendmsg);
    sends(fd, message->msg_iov, message->msg_iovlen);
    return real(fd, message, flags);
}
