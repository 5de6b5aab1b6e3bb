/* Owns the static reading of a plugin's ELF file by libelf. Nothing of the file is run, and every offset in it is untrusted: libelf hands
 * out data that lies inside the image or an error. Any thread; no state. */
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/str.h"
#include "crypto/hash.h"
#include "plugin/manifest.h"
#include "plugin/plugin.h"
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SECTIONS 4096
#define MAX_SYMBOLS  200000
#define MAX_EXPORTS  64 /* reported; more are only counted */

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#else
#error "add this machine's ELF number"
#endif

static void elf_close(Elf **elf)
{
    if (*elf)
        elf_end(*elf);
    *elf = NULL;
}

static int refuse(const char *name, struct err *err, const char *why) { return err_set(err, ERR_PLUGIN_REFUSED, "%s: %s", name, why); }

static int check_header(const char *name, Elf *elf, struct err *err)
{
    GElf_Ehdr header;
    GElf_Phdr segment;
    size_t count;

    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
        return refuse(name, err, "not a shared object (no ELF header)");
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != OUR_MACHINE)
        return refuse(name, err, "built for another machine");
    if (header.e_type != ET_DYN)
        return refuse(name, err, "not a shared object (link it with -shared)");
    if (elf_getphdrnum(elf, &count) < 0 || count == 0 || count > MAX_SECTIONS)
        return refuse(name, err, "truncated or damaged (no program headers)");
    for (size_t i = 0; i < count; i++) {
        if (!gelf_getphdr(elf, (int)i, &segment))
            return refuse(name, err, "truncated or damaged (program headers)");
        if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X))
            return refuse(name, err, "wants an executable stack; link it with -Wl,-z,noexecstack");
    }
    return 0;
}

/* Collects the names that the file exports: defined, not local, not hidden. Linker marks of older linkers do not count. */
static int read_exports(const char *name, Elf *elf, Elf_Scn *section, const GElf_Shdr *header, json_t *exports, struct err *err)
{
    static const char *const marks[] = {"_init", "_fini", "_edata", "_end", "__bss_start", NULL};
    Elf_Data *data = elf_getdata(section, NULL);
    size_t count = data && header->sh_entsize >= sizeof(Elf64_Sym) ? data->d_size / header->sh_entsize : 0;

    if (!data || count > MAX_SYMBOLS)
        return refuse(name, err, "truncated or damaged (dynamic symbols)");
    for (size_t i = 0; i < count; i++) {
        GElf_Sym symbol;
        const char *text;
        bool mark = false;

        if (!gelf_getsym(data, (int)i, &symbol))
            return refuse(name, err, "truncated or damaged (dynamic symbols)");
        if (symbol.st_shndx == SHN_UNDEF || GELF_ST_BIND(symbol.st_info) == STB_LOCAL ||
            GELF_ST_VISIBILITY(symbol.st_other) == STV_HIDDEN || GELF_ST_VISIBILITY(symbol.st_other) == STV_INTERNAL)
            continue;
        text = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (!text || !str_is_utf8(text, strlen(text)))
            return refuse(name, err, "truncated or damaged (symbol names)");
        for (const char *const *m = marks; *m; m++)
            mark = mark || str_eq(text, *m);
        if (!mark && json_array_size(exports) < MAX_EXPORTS)
            json_append_str(exports, text);
    }
    return 0;
}

static int read_manifest(const char *name, Elf_Scn *section, json_t **manifest, struct err *err)
{
    Elf_Data *data = elf_rawdata(section, NULL);
    GElf_Shdr header;

    if (*manifest)
        return refuse(name, err, "has two manifests; INNO_PLUGIN stands once in a plugin");
    if (!data || !data->d_buf || data->d_size == 0 || !gelf_getshdr(section, &header) || header.sh_type == SHT_NOBITS)
        return refuse(name, err, "truncated or damaged (manifest section)");
    if (data->d_size > LIMIT_MANIFEST_BYTES)
        return refuse(name, err, "its manifest is larger than 256 KiB");
    return manifest_parse(name, data->d_buf, data->d_size, manifest, err);
}

static int read_sections(const char *name, Elf *elf, json_t **manifest, json_t *exports, struct err *err)
{
    size_t names, count = 0;
    Elf_Scn *section = NULL;

    if (elf_getshdrstrndx(elf, &names) < 0)
        return refuse(name, err, "truncated or damaged (no section names)");
    while ((section = elf_nextscn(elf, section)) != NULL) {
        GElf_Shdr header;
        const char *title;

        if (++count > MAX_SECTIONS || !gelf_getshdr(section, &header) || !(title = elf_strptr(elf, names, header.sh_name)))
            return refuse(name, err, "truncated or damaged (section headers)");
        if (str_eq(title, MANIFEST_SECTION) && read_manifest(name, section, manifest, err) < 0)
            return -1;
        if (header.sh_type == SHT_DYNSYM && read_exports(name, elf, section, &header, exports, err) < 0)
            return -1;
    }
    if (count == 0)
        return refuse(name, err, "truncated or damaged (no sections)");
    if (!*manifest)
        return refuse(name, err, "no manifest (section " MANIFEST_SECTION "); register the plugin with INNO_PLUGIN of the SDK");
    return 0;
}

static int check_exports(const char *name, const json_t *exports, struct err *err)
{
    const char *first = json_string_value(json_array_get(exports, 0));
    size_t count = json_array_size(exports);

    if (count == 0)
        return refuse(name, err, "exports no " MANIFEST_ENTRY);
    if (count > 1)
        return err_set(err, ERR_PLUGIN_REFUSED,
                       "%s: exports %s%zu symbols (%.60s, %.60s, ...); only " MANIFEST_ENTRY
                       " may be seen: compile it with -fvisibility=hidden",
                       name, count == MAX_EXPORTS ? "more than " : "", count, first, json_string_value(json_array_get(exports, 1)));
    if (!str_eq(first, MANIFEST_ENTRY))
        return err_set(err, ERR_PLUGIN_REFUSED, "%s: exports %.80s instead of " MANIFEST_ENTRY, name, first);
    return 0;
}

/* Everything that can be said of the bytes, each part for itself. */
static void examine(const char *name, const void *bytes, size_t len, struct plugin_examination *out)
{
    CLEANUP(free_ptr) char *image = NULL; /* a copy, aligned for libelf, which may convert in place */
    CLEANUP(elf_close) Elf *elf = NULL;
    CLEANUP(json_put) json_t *exports = json_array();
    char hex[CRYPTO_SHA256_HEX];

    if (len == 0) {
        refuse(name, &out->file, "the file is empty");
        return;
    }
    image = mem_alloc(len);
    memcpy(image, bytes, len);
    if (elf_version(EV_CURRENT) == EV_NONE) {
        err_set(&out->file, ERR_INTERNAL, "libelf is older than its header");
        return;
    }
    elf = elf_memory(image, len);
    if (!elf)
        refuse(name, &out->file, "not a shared object (no ELF header)");
    if (!elf || check_header(name, elf, &out->file) < 0)
        return;
    read_sections(name, elf, &out->manifest, exports, &out->content);
    if (out->content.code == ERR_NONE || json_array_size(exports))
        check_exports(name, exports, &out->symbols);
    if (out->manifest) {
        json_set_str(out->manifest, "sha256", crypto_sha256_hex(bytes, len, hex));
        json_object_set(out->manifest, "exports", exports);
    }
}

void plugin_examination_fini(struct plugin_examination *e) { json_put(&e->manifest); }

int plugin_examine_file(const char *path, struct plugin_examination *out, struct err *err)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    size_t len;

    *out = (struct plugin_examination){.manifest = NULL};
    if (io_read_file(path, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, err) < 0)
        return -1;
    examine(path, bytes, len, out);
    return 0;
}

int manifest_inspect(const char *name, const void *bytes, size_t len, json_t **out, struct err *err)
{
    CLEANUP(plugin_examination_fini) struct plugin_examination e = {.manifest = NULL};
    const struct err *const parts[] = {&e.file, &e.content, &e.symbols};

    examine(name, bytes, len, &e);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]->code != ERR_NONE) {
            *err = *parts[i];
            return -1;
        }
    *out = take_ptr(e.manifest);
    return 0;
}

int plugin_inspect_file(const char *path, json_t **out, struct err *err)
{
    CLEANUP(free_ptr) char *bytes = NULL;
    struct err why = {0};
    size_t len;

    if (io_read_file(path, LIMIT_PLUGIN_FILE_BYTES, &bytes, &len, &why) < 0)
        return err_set(err, ERR_PLUGIN_REFUSED, "%s", why.msg);
    return manifest_inspect(path, bytes, len, out, err);
}
