/* Owns the system-call filter of the host: a list of what no provisioner needs (other processes' memory, the kernel's configuration, new
 * namespaces), and, in all but the process that runs programs, no new processes and, without `network`, no sockets. Raw BPF, so that no
 * library is needed. Main thread. */
#include "plugin/host/host.h"
#include <asm/ioctls.h>
#include <asm/sockios.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#endif

#define X32_BIT    0x40000000u
#define MAX_CODE   512
#define NAMESPACES 0x7e020080u /* CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET, TIME */

/* Never, whatever is granted. */
static const int never[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_pidfd_getfd,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_bpf,
    SYS_userfaultfd,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_perf_event_open,
    SYS_unshare,
    SYS_setns,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_io_uring_setup,
    SYS_io_uring_enter,
    SYS_io_uring_register,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_clock_adjtime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_acct,
    SYS_quotactl,
    SYS_syslog,
    SYS_vhangup,
    SYS_personality,
    SYS_migrate_pages,
    SYS_move_pages,
    SYS_lookup_dcookie,
    SYS_fanotify_init,
    SYS_move_mount,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_open_tree,
    SYS_mount_setattr,
    SYS_process_madvise,
    SYS_process_mrelease,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#ifdef SYS_iopl
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

/* Only for the runner: new programs, signals to other processes (which Landlock scopes to its own children), and memory that belongs to no
 * process, so that no limit of ours counts it. */
static const int with_exec[] = {
    SYS_memfd_create,
#ifdef SYS_memfd_secret
    SYS_memfd_secret,
#endif
    SYS_shmget,       SYS_msgget, SYS_semget,          SYS_mq_open,           SYS_execve,
    SYS_execveat,     SYS_tkill,  SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal,
#ifdef SYS_fork
    SYS_fork,         SYS_vfork,
#endif
};

struct code {
    struct sock_filter op[MAX_CODE];
    unsigned short len;
    bool full;
};

static void add(struct code *c, unsigned short code, uint32_t k, unsigned char yes, unsigned char no)
{
    if (c->len == MAX_CODE) {
        c->full = true;
        return;
    }
    c->op[c->len++] = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = k};
}

#define RETURN(c, value)      add(c, BPF_RET | BPF_K, (value), 0, 0)
#define LOAD(c, field)        add(c, BPF_LD | BPF_W | BPF_ABS, (uint32_t)(field), 0, 0)
#define ARG(i)                (offsetof(struct seccomp_data, args) + 8u * (i))
#define LOAD_NUMBER(c)        LOAD(c, offsetof(struct seccomp_data, nr))
#define UNLESS_EQUAL(c, k, n) add(c, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(k), 0, n) /* skips n when different */
#define FAIL(errnum)          (SECCOMP_RET_ERRNO | (uint32_t)(errnum))

static void deny(struct code *c, int number, int errnum)
{
    UNLESS_EQUAL(c, number, 1);
    RETURN(c, FAIL(errnum));
}

/* `number` is allowed when argument `arg` is one of the values (up to 4), else refused. Low words only: the values are ints for the kernel
 * too. */
static void allow_values(struct code *c, int number, unsigned arg, const uint32_t *values, unsigned count, int errnum)
{
    UNLESS_EQUAL(c, number, (unsigned char)(count * 2 + 2));
    LOAD(c, ARG(arg));
    for (unsigned i = 0; i < count; i++) {
        UNLESS_EQUAL(c, values[i], 1);
        RETURN(c, SECCOMP_RET_ALLOW);
    }
    RETURN(c, FAIL(errnum));
}

/* The opposite: refused when the argument is one of the values. */
static void deny_values(struct code *c, int number, unsigned arg, const uint32_t *values, unsigned count)
{
    UNLESS_EQUAL(c, number, (unsigned char)(count * 2 + 2));
    LOAD(c, ARG(arg));
    for (unsigned i = 0; i < count; i++) {
        UNLESS_EQUAL(c, values[i], 1);
        RETURN(c, FAIL(EPERM));
    }
    RETURN(c, SECCOMP_RET_ALLOW);
}

/* clone: threads always; processes for the runner, never into new namespaces. clone3 hides its flags in memory: ENOSYS makes libc use
 * clone.
 */
static void processes(struct code *c, bool exec)
{
    deny(c, SYS_clone3, ENOSYS);
    UNLESS_EQUAL(c, SYS_clone, 4);
    LOAD(c, ARG(0));
    if (exec)
        add(c, BPF_JMP | BPF_JSET | BPF_K, NAMESPACES, 1, 0);
    else
        add(c, BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 0, 1);
    RETURN(c, SECCOMP_RET_ALLOW);
    RETURN(c, FAIL(EPERM));
}

static void signals(struct code *c)
{
    uint32_t own[] = {0, (uint32_t)getpid()};

    allow_values(c, SYS_kill, 0, own, 2, EPERM);
    allow_values(c, SYS_tgkill, 0, own + 1, 1, EPERM);
}

/* The scheduling of itself and of its threads' processes only: 0 is whoever calls. */
static void scheduling(struct code *c)
{
    static const int by_first[] = {SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr, SYS_sched_setaffinity};
    static const int by_second[] = {SYS_setpriority, SYS_ioprio_set};
    uint32_t own[] = {0, (uint32_t)getpid()};

    for (size_t i = 0; i < sizeof by_first / sizeof by_first[0]; i++)
        allow_values(c, by_first[i], 0, own, 2, EPERM);
    for (size_t i = 0; i < sizeof by_second / sizeof by_second[0]; i++)
        allow_values(c, by_second[i], 1, own, 2, EPERM);
}

static void sockets(struct code *c, const struct sandbox *box, bool runner)
{
    uint32_t families[4];
    unsigned count = 0;

    if (box->network) {
        families[count++] = AF_INET;
        families[count++] = AF_INET6;
        families[count++] = AF_NETLINK; /* getaddrinfo sorts addresses with it */
    }
    if (runner)
        families[count++] = AF_UNIX;
    allow_values(c, SYS_socket, 0, families, count, EACCES);
}

int seccomp_enter(const struct sandbox *box, bool runner, struct err *err)
{
    static const uint32_t own_traits[] = {PR_SET_PDEATHSIG, PR_SET_DUMPABLE}, terminal[] = {TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP};
    /* The owner of a descriptor is sent signals by the kernel, whoever it is. */
    static const uint32_t owners[] = {F_SETOWN, F_SETOWN_EX, F_SETSIG};
    uint32_t own[] = {0, (uint32_t)getpid()};
    struct code code = {.len = 0};
    struct sock_fprog program;

    LOAD(&code, offsetof(struct seccomp_data, arch));
    add(&code, BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0);
    RETURN(&code, SECCOMP_RET_KILL_PROCESS);
    LOAD_NUMBER(&code);
#if defined(__x86_64__)
    add(&code, BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1);
    RETURN(&code, SECCOMP_RET_KILL_PROCESS);
#endif
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        deny(&code, never[i], EPERM);
    for (size_t i = 0; !runner && i < sizeof with_exec / sizeof with_exec[0]; i++)
        deny(&code, with_exec[i], EPERM);
    processes(&code, runner);
    if (!runner)
        signals(&code);
    sockets(&code, box, runner);
    allow_values(&code, SYS_prlimit64, 0, own, 2, EPERM);
    deny_values(&code, SYS_prctl, 0, own_traits, 2);
    deny_values(&code, SYS_ioctl, 1, terminal, 4);
    deny_values(&code, SYS_fcntl, 1, owners, 3);
    scheduling(&code);
    RETURN(&code, SECCOMP_RET_ALLOW);
    if (code.full)
        return err_set(err, ERR_INTERNAL, "the system-call filter does not fit");
    program = (struct sock_fprog){.len = code.len, .filter = code.op};
    /* All threads: a sanitizer may have one of its own. */
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
        return err_set_sys(err, ERR_IO, "system-call filter");
    return 0;
}
