/* Plugins as the server sees them before anything of them runs: ELF file, manifest, exports. Bytes that do not begin as an ELF file are
 * taken for the manifest alone. */
#include "base/cleanup.h"
#include "fuzz.h"
#include "plugin/manifest.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(json_put) json_t *manifest = NULL;
    struct err err = {0};
    bool elf = size >= 4 && memcmp(data, "\177ELF", 4) == 0;
    int rc = elf ? manifest_inspect("fuzz.so", data, size, &manifest, &err)
                 : manifest_parse("fuzz.so", (const char *)data, size, &manifest, &err);

    FUZZ_CHECK((rc == 0) == (manifest != NULL));
    if (rc < 0) {
        FUZZ_CHECK(err.code == ERR_PLUGIN_REFUSED && err.msg[0]);
        return 0;
    }
    FUZZ_CHECK(json_str(manifest, "name") && json_str(manifest, "version"));
    FUZZ_CHECK(json_is_array(json_object_get(manifest, "types")) && json_is_array(json_object_get(manifest, "slots")));
    manifest_has_type(manifest, "postgres");
    manifest_has_step(manifest, "terraform");
    return 0;
}
