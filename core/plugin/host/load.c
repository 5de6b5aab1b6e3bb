/* Owns dlopen and the handshake: the table must say what the manifest said, and must hold what a provisioner must have. Main thread, inside
 * the sandbox. */
#include "base/str.h"
#include "plugin/host/host.h"
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LEAST_BYTES offsetof(inno_provisioner, plan) /* what 1.0 calls MUST ends before plan */
#define MOST_BYTES  (64u << 10)
#define MAX_TYPES   64

static const struct {
    const char *name;
    size_t offset;
} must[] = {
    {"provision", offsetof(inno_provisioner, provision)},
    {"deprovision", offsetof(inno_provisioner, deprovision)},
    {"get_status", offsetof(inno_provisioner, get_status)},
    {"get_hints", offsetof(inno_provisioner, get_hints)},
};

static const struct {
    const char *word;
    uint64_t bit;
    size_t offset; /* of the member that the bit promises; 0: none */
} slots[] = {
    {"update", INNO_SLOT_UPDATE, 0},
    {"plan", INNO_SLOT_PLAN, offsetof(inno_provisioner, plan)},
    {"health", INNO_SLOT_HEALTH, offsetof(inno_provisioner, health)},
    {"step", INNO_SLOT_STEP, offsetof(inno_provisioner, step)},
    {"actions", INNO_SLOT_ACTIONS, offsetof(inno_provisioner, actions)},
    {"concurrent", INNO_SLOT_CONCURRENT, 0},
};

static bool is_set(const inno_provisioner *p, size_t offset)
{
    void *member;

    memcpy(&member, (const char *)p + offset, sizeof member);
    return member != NULL;
}

static int lie(struct err *err, const char *what, const char *manifest, const char *table)
{
    return err_set(err, ERR_PLUGIN_REFUSED, "lies about its %s: the manifest says %s, the table says %s", what, manifest,
                   table ? table : "(null)");
}

/* Looks at the four frozen members before anything else of the table is believed, then copies what both sides know. */
static int copy_table(const inno_provisioner *theirs, inno_provisioner *out, struct err *err)
{
    size_t bytes;

    if (theirs->magic != INNO_PROVISIONER_MAGIC)
        return err_set(err, ERR_PLUGIN_REFUSED, "its table has no magic number; begin it with INNO_PROVISIONER_HEAD");
    if (theirs->abi_major != INNO_ABI_MAJOR)
        return err_set(err, ERR_PLUGIN_REFUSED, "its table is of ABI %u.%u, this host runs %d.x", theirs->abi_major, theirs->abi_minor,
                       INNO_ABI_MAJOR);
    bytes = theirs->struct_size;
    if (bytes < LEAST_BYTES || bytes > MOST_BYTES)
        return err_set(err, ERR_PLUGIN_REFUSED, "its table has %zu bytes, the least is %zu; struct_size must be sizeof(inno_provisioner)",
                       bytes, LEAST_BYTES);
    memset(out, 0, sizeof *out);
    memcpy(out, theirs, bytes < sizeof *out ? bytes : sizeof *out);
    return 0;
}

static int check_slots(const inno_provisioner *p, const json_t *manifest, struct err *err)
{
    for (size_t i = 0; i < sizeof must / sizeof must[0]; i++)
        if (!is_set(p, must[i].offset))
            return err_set(err, ERR_PLUGIN_REFUSED, "its table has no %s, which every provisioner must have", must[i].name);
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        bool claimed = false;
        json_t *word;
        size_t at;

        json_array_foreach(json_object_get(manifest, "slots"), at, word)
        {
            claimed = claimed || str_eq(json_string_value(word), slots[i].word);
        }
        if (claimed != ((p->slots & slots[i].bit) != 0))
            return err_set(err, ERR_PLUGIN_REFUSED, "lies about its slots: the manifest %s \"%s\", the table %s",
                           claimed ? "lists" : "does not list", slots[i].word, claimed ? "does not" : "does");
        if (claimed && slots[i].offset && !is_set(p, slots[i].offset))
            return err_set(err, ERR_PLUGIN_REFUSED, "its table claims \"%s\" but has no function for it", slots[i].word);
    }
    return 0;
}

static bool table_has(const inno_provisioner *p, const char *type)
{
    for (size_t i = 0; i < MAX_TYPES && p->types && p->types[i]; i++)
        if (str_eq(p->types[i], type))
            return true;
    return false;
}

static int check_identity(const inno_provisioner *p, const json_t *manifest, struct err *err)
{
    json_t *types = json_object_get(manifest, "types"), *type;
    const json_t *abi = json_object_get(manifest, "abi");
    char said[32], is[32];
    size_t i, count = 0;

    if (!str_eq(p->name, json_str(manifest, "name")))
        return lie(err, "name", json_str(manifest, "name"), p->name);
    if (!str_eq(p->version, json_str(manifest, "version")))
        return lie(err, "version", json_str(manifest, "version"), p->version);
    snprintf(said, sizeof said, "%d.%d", (int)json_int(abi, "major", 0), (int)json_int(abi, "minor", 0));
    snprintf(is, sizeof is, "%u.%u", p->abi_major, p->abi_minor);
    if (!str_eq(said, is))
        return lie(err, "ABI", said, is);
    while (count <= MAX_TYPES && p->types && p->types[count])
        count++;
    json_array_foreach(types, i, type)
    {
        if (!table_has(p, json_str(type, "name")))
            return err_set(err, ERR_PLUGIN_REFUSED, "lies about its types: the manifest lists \"%s\", the table does not",
                           json_str(type, "name"));
    }
    if (count != json_array_size(types))
        return err_set(err, ERR_PLUGIN_REFUSED, "lies about its types: the manifest lists %zu, the table %zu", json_array_size(types),
                       count);
    return 0;
}

/* The loader takes a file of the same name for the same file, and descriptors' numbers come again: each load has its own way of writing
 * the name. */
static void path_of(int fd, unsigned serial, char out[static 160])
{
    size_t used = (size_t)snprintf(out, 160, "/proc/self");

    for (; serial && used < 120; serial >>= 1)
        used += (size_t)snprintf(out + used, 160 - used, serial & 1 ? "//." : "/.");
    snprintf(out + used, 160 - used, "/fd/%d", fd);
}

static int check_table(const inno_provisioner *theirs, const json_t *manifest, inno_provisioner *out, struct err *err)
{
    return copy_table(theirs, out, err) < 0 || check_identity(out, manifest, err) < 0 || check_slots(out, manifest, err) < 0 ||
                   actions_check(out, manifest, err) < 0
               ? -1
               : 0;
}

int load_plugin(int fd, const json_t *manifest, struct loaded *out, struct err *err)
{
    char path[160];
    void *library;
    const inno_provisioner *(*entry)(void);
    const inno_provisioner *theirs;
    int rc;

    path_of(fd, out->serial, path);
    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_set(err, ERR_PLUGIN_REFUSED, "cannot be loaded: %s", dlerror());
    *(void **)&entry = dlsym(library, "inno_plugin_v1");
    theirs = entry ? entry() : NULL;
    rc = theirs ? check_table(theirs, manifest, &out->table, err) : err_set(err, ERR_PLUGIN_REFUSED, "its inno_plugin_v1 gives no table");
    if (rc < 0)
        dlclose(library);
    else
        out->library = library;
    return rc;
}

void unload_plugin(struct loaded *l)
{
    dlclose(l->library);
    *l = (struct loaded){.serial = l->serial};
}
