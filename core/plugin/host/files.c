/* Owns which files the host may touch: deny by default, by Landlock. Its numbers are written here because the build machine's header may be
 * older than the kernel. Main thread, before any other thread exists. */
#include "base/cleanup.h"
#include "plugin/grant.h"
#include "plugin/host/host.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define CREATE_RULESET    444
#define ADD_RULE          445
#define RESTRICT_SELF     446
#define RULESET_VERSION   1u
#define RULE_PATH_BENEATH 1
#define FS_EXECUTE        (1ull << 0)
#define FS_WRITE_FILE     (1ull << 1)
#define FS_READ_FILE      (1ull << 2)
#define FS_READ_DIR       (1ull << 3)
#define FS_REFER          (1ull << 13)
#define FS_TRUNCATE       (1ull << 14)
#define FS_IOCTL_DEV      (1ull << 15)
#define FS_ABI1           ((1ull << 13) - 1)
#define NET_TCP           3ull /* bind, connect */
#define SCOPE_ALL         3ull /* abstract sockets, signals */
#define FS_READ           (FS_READ_FILE | FS_READ_DIR)
#define FS_OF_FILE        (FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define FS_MAKE_SPECIAL   ((1ull << 6) | (1ull << 11)) /* character and block devices */

struct ruleset {
    uint64_t fs, net, scoped;
};
struct path_rule {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

enum need { ALWAYS, NETWORK, EXEC };

/* What a library loader, a resolver and a tool read. Nothing of /home, /root, /etc/shadow, the server's own files. */
static const struct {
    const char *path;
    uint64_t access;
    enum need need;
} paths[] = {
    {"/lib", FS_READ | FS_EXECUTE, ALWAYS},
    {"/lib64", FS_READ | FS_EXECUTE, ALWAYS},
    {"/usr/lib", FS_READ | FS_EXECUTE, ALWAYS},
    {"/usr/lib64", FS_READ | FS_EXECUTE, ALWAYS},
    {"/usr/local/lib", FS_READ | FS_EXECUTE, ALWAYS},
    {"/etc/ld.so.cache", FS_READ_FILE, ALWAYS},
    {"/etc/localtime", FS_READ_FILE, ALWAYS},
    {"/usr/share/zoneinfo", FS_READ, ALWAYS},
    {"/dev/null", FS_READ_FILE | FS_WRITE_FILE, ALWAYS},
    {"/dev/zero", FS_READ_FILE, ALWAYS},
    {"/dev/urandom", FS_READ_FILE, ALWAYS},
    {"/proc/self/maps", FS_READ_FILE, ALWAYS},
    {"/etc/hosts", FS_READ_FILE, NETWORK},
    {"/etc/resolv.conf", FS_READ_FILE, NETWORK},
    {"/etc/nsswitch.conf", FS_READ_FILE, NETWORK},
    {"/etc/host.conf", FS_READ_FILE, NETWORK},
    {"/etc/gai.conf", FS_READ_FILE, NETWORK},
    {"/etc/services", FS_READ_FILE, NETWORK},
    {"/etc/protocols", FS_READ_FILE, NETWORK},
    {"/etc/ssl", FS_READ, NETWORK},
    {"/etc/pki", FS_READ, NETWORK},
    {"/etc/ca-certificates", FS_READ, NETWORK},
    {"/usr/share/ca-certificates", FS_READ, NETWORK},
    {"/usr", FS_READ | FS_EXECUTE, EXEC},
    {"/bin", FS_READ | FS_EXECUTE, EXEC},
    {"/sbin", FS_READ | FS_EXECUTE, EXEC},
    {"/opt", FS_READ | FS_EXECUTE, EXEC},
    {"/etc/passwd", FS_READ_FILE, EXEC},
    {"/etc/group", FS_READ_FILE, EXEC},
    {"/etc/alternatives", FS_READ, EXEC},
    {"/proc", FS_READ, EXEC},
    {"/dev/random", FS_READ_FILE, EXEC},
    {"/dev/full", FS_READ_FILE | FS_WRITE_FILE, EXEC},
};

static int allow(int ruleset, const char *path, uint64_t access, struct err *err)
{
    CLEANUP(close_fd) int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat st;
    struct path_rule rule;

    if (fd < 0) /* what does not exist needs no rule */
        return 0;
    if (fstat(fd, &st) < 0)
        return err_set_sys(err, ERR_IO, "%s", path);
    if (!S_ISDIR(st.st_mode))
        access &= FS_OF_FILE;
    rule = (struct path_rule){.allowed = access, .fd = fd};
    if (syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0)
        return err_set_sys(err, ERR_IO, "Landlock rule for %s", path);
    return 0;
}

static bool granted(const struct sandbox *box, enum need need)
{
    return need == ALWAYS || (need == NETWORK && box->network) || (need == EXEC && box->exec);
}

/* Programs that are granted one by one are the only ones that can be run, besides what the plugin itself holds. */
static bool is_narrowed(const struct sandbox *box)
{
    json_t *item;
    size_t i;
    bool all = false;

    json_array_foreach(box->grant, i, item) { all = all || strcmp(json_string_value(item), "exec") == 0; }
    return box->exec && !all;
}

/* A word of `grant` that names a file or directory. */
static int add_granted(int ruleset, const char *word, uint64_t handled, uint64_t own, struct err *err)
{
    const char *program = grant_subject(word, "exec"), *read = grant_subject(word, "read"), *written = grant_subject(word, "write");
    char path[4096];

    if (program && (*program == '/' || program_in_path(program, path)))
        return allow(ruleset, *program == '/' ? program : path, (FS_READ | FS_EXECUTE) & handled, err);
    if (read)
        return allow(ruleset, read, FS_READ & handled, err);
    return written ? allow(ruleset, written, own & ~FS_EXECUTE, err) : 0;
}

static int add_rules(int ruleset, const struct sandbox *box, uint64_t handled, struct err *err)
{
    uint64_t own = handled & ~(FS_MAKE_SPECIAL | FS_IOCTL_DEV | (box->exec ? 0 : FS_EXECUTE));
    uint64_t tools = is_narrowed(box) ? ~FS_EXECUTE : ~0ull;
    json_t *item;
    size_t at;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        uint64_t access = paths[i].access & handled & (paths[i].need == EXEC ? tools : ~0ull);

        if (granted(box, paths[i].need) && allow(ruleset, paths[i].path, access, err) < 0)
            return -1;
    }
    json_array_foreach(box->grant, at, item)
    {
        if (add_granted(ruleset, json_string_value(item), handled, own, err) < 0)
            return -1;
    }
    if (allow(ruleset, box->data_dir, own, err) < 0 || allow(ruleset, box->work_root, own, err) < 0)
        return -1;
    return 0;
}

int files_enter(const struct sandbox *box, json_t *weak, struct err *err)
{
    long abi = syscall(CREATE_RULESET, NULL, 0, RULESET_VERSION);
    struct ruleset set = {.fs = FS_ABI1};
    CLEANUP(close_fd) int fd = -1;

    if (abi < 1) {
        json_append_str(weak, "Landlock: the kernel does not offer it, files are not confined");
        return 0;
    }
    set.fs |= (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) | (abi >= 5 ? FS_IOCTL_DEV : 0);
    if (abi >= 4 && !box->network)
        set.net = NET_TCP;
    if (abi >= 6)
        set.scoped = SCOPE_ALL;
    else if (box->exec)
        json_append_str(weak, "Landlock before ABI 6: signals to other processes are not confined");
    fd = (int)syscall(CREATE_RULESET, &set, abi >= 6 ? sizeof set : abi >= 4 ? 16 : 8, 0);
    if (fd < 0)
        return err_set_sys(err, ERR_IO, "Landlock ruleset");
    if (add_rules(fd, box, set.fs, err) < 0)
        return -1;
    if (syscall(RESTRICT_SELF, fd, 0) < 0)
        return err_set_sys(err, ERR_IO, "entering Landlock");
    return 0;
}
