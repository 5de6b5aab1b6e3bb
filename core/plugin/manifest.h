/* The manifest of a plugin: the JSON of its ELF section, checked and brought into one shape. Untrusted input. */
#pragma once
#include "base/err.h"
#include "codec/json.h"
#include <stddef.h>

#define MANIFEST_SECTION ".innominatus.manifest"
#define MANIFEST_ENTRY   "inno_plugin_v1"

/* Parses the section's bytes. `name` is the file's, for messages. out: new reference, as plugin_inspect_file gives it without sha256 and
 * exports. Errors: ERR_PLUGIN_REFUSED with the reason. */
int manifest_parse(const char *name, const char *bytes, size_t len, json_t **out, struct err *err);

/* Reads a plugin's bytes as an ELF file, without running anything of it: section and dynamic symbols. out: as plugin_inspect_file. */
int manifest_inspect(const char *name, const void *bytes, size_t len, json_t **out, struct err *err);

/* True when the manifest lists resource type (or step type) `type`. */
bool manifest_has_type(const json_t *manifest, const char *type);
bool manifest_has_step(const json_t *manifest, const char *type);
