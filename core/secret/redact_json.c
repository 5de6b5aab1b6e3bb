/* Owns taking secrets out of JSON values in place. Any thread. */
#include "codec/json.h"
#include "secret/redact.h"

static void redact_text(void *ctx, char *text, size_t cap) { redactor_apply(ctx, text, cap); }

bool redactor_apply_json(struct redactor *r, json_t *value) { return json_change_texts(value, redact_text, r); }

void redactor_apply_changes(struct redactor *r, json_t *changes)
{
    static const char *const members[] = {"from", "to"};
    json_t *change;
    size_t i;

    json_array_foreach(changes, i, change)
    {
        bool secret = false;

        for (size_t n = 0; n < sizeof members / sizeof members[0]; n++)
            if (json_object_get(change, members[n]))
                secret |= redactor_apply_json(r, json_object_get(change, members[n]));
        for (size_t n = 0; secret && n < sizeof members / sizeof members[0]; n++)
            if (json_object_get(change, members[n]))
                json_set_str(change, members[n], REDACT_TEXT);
    }
    redactor_apply_json(r, changes);
}
