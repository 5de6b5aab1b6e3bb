/* Secrets in memory. Any thread, one at a time a secret. */
#include "base/secret.h"
#include "base/mem.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void secret_wipe(void *bytes, size_t len) { explicit_bzero(bytes, len); }

void secret_fini(struct secret *s)
{
    if (s->bytes) {
        secret_wipe(s->bytes, s->mapped);
        munmap(s->bytes, s->mapped);
    }
    *s = (struct secret){0};
}

void secret_set(struct secret *s, const void *bytes, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), mapped = (len + 1 + page - 1) / page * page;
    void *at = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        mem_die(mapped);
    (void)mlock(at, mapped); /* RLIMIT_MEMLOCK may be small; the rest still holds */
    (void)madvise(at, mapped, MADV_DONTDUMP);
    if (bytes && len)
        memcpy(at, bytes, len);
    secret_fini(s);
    *s = (struct secret){.bytes = at, .len = len, .mapped = mapped};
}
