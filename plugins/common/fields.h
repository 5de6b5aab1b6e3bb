/* What params and configurations may hold, as tables: the plugin's own check of what its manifest's schema says, and of what no schema can
 * say. Pure but for host->fail. */
#pragma once
#include <innominatus/provisioner.h>
#include <jansson.h>
#include <stdbool.h>

enum field_kind {
    FIELD_TEXT,
    FIELD_BOOL,
    FIELD_INT,
    FIELD_TEXTS,      /* a list of texts */
    FIELD_TEXT_MAP,   /* an object of texts */
    FIELD_OBJECT,     /* with members that `fields` says; any when it is NULL */
    FIELD_OBJECTS,    /* a list of such */
    FIELD_OBJECT_MAP, /* an object of such */
    FIELD_ANY         /* whoever takes it checks it */
};

/* One member. A table ends with a NULL name. */
struct field {
    const char *name;
    enum field_kind kind;
    bool required;
    int64_t least, most;        /* of a number; bytes of each text (most 0: 1000); FIELD_OBJECT: unused */
    int64_t items;              /* of a list or map, at most; 0: 64 */
    const char *letters;        /* what texts consist of; NULL: anything but control characters */
    bool free;                  /* control characters too */
    const char *const *choices; /* the only texts; ends with NULL; NULL: any */
    const struct field *fields;
};

/* Refuses with `code` ("params.name ..."): no object, a missing or unknown member, another type, out of its limits. */
inno_rc fields_check(const inno_host *host, inno_call *call, inno_rc code, const char *where, const json_t *object,
                     const struct field *fields);

/* Members with a fallback; borrowed. */
const char *field_text(const json_t *object, const char *key, const char *fallback);
bool field_bool(const json_t *object, const char *key, bool fallback);
int64_t field_int(const json_t *object, const char *key, int64_t fallback);
