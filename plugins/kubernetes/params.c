/* Owns the checking of params and of steps' configs against tables. Slot's thread. */
#include "compare.h"
#include "kubernetes.h"
#include <stdio.h>

static const char lower[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

bool params_is_name(const char *text)
{
    size_t label = 0, len = strlen(text);

    for (size_t i = 0; i <= len; i++) {
        char c = text[i];

        if (c == '.' || c == '\0') {
            if (label == 0 || label > 63 || text[i - 1] == '-')
                return false;
            label = 0;
        } else if (!strchr(lower, c) || (c == '-' && label == 0)) {
            return false;
        } else {
            label++;
        }
    }
    return len <= 253;
}

static bool is_text(const json_t *value, const struct k8s_param *p)
{
    size_t len = json_string_length(value);

    return json_is_string(value) && strlen(json_string_value(value)) == len && (int64_t)len >= p->min &&
           (!p->max || (int64_t)len <= p->max);
}

static bool is_quantity(const json_t *value)
{
    const char *text = json_string_value(value);
    double number, same;

    return text && compare_quantities(text, text, &number, &same) && number > 0;
}

static bool is_map_of_texts(const json_t *value)
{
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)(uintptr_t)value, key, member) if (!json_is_string(member)) return false;
    return json_is_object(value);
}

static const char *wrong(const json_t *value, const struct k8s_param *p)
{
    switch (p->kind) {
    case 's':
        return is_text(value, p) ? NULL : "a text, neither empty nor too long";
    case 'i':
        return json_is_integer(value) && json_integer_value(value) >= p->min && json_integer_value(value) <= p->max
                   ? NULL
                   : "a whole number in its range";
    case 'b':
        return json_is_boolean(value) ? NULL : "true or false";
    case 'q':
        return is_quantity(value) ? NULL : "a quantity such as \"10Gi\", as a text";
    case 'm':
        return is_map_of_texts(value) ? NULL : "a map of texts";
    case 'l':
        return json_is_array(value) ? NULL : "a list";
    case 'o':
        return json_is_object(value) ? NULL : "a map";
    default:
        return NULL;
    }
}

inno_rc params_check(struct k8s_work *work, const char *where, const json_t *params, const struct k8s_param *table)
{
    const char *key, *should;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)params, key, value)
    {
        const struct k8s_param *p = table;

        while (p->name && strcmp(p->name, key) != 0)
            p++;
        if (!p->name)
            return K8S_FAIL(work, work->res || work->step ? INNO_INVALID_RESOURCE : INNO_INVALID_CONFIG, "%s.%.80s is unknown here", where,
                            key);
        if ((should = wrong(value, p)))
            return K8S_FAIL(work, work->res || work->step ? INNO_INVALID_RESOURCE : INNO_INVALID_CONFIG, "%s.%s must be %s", where, key,
                            should);
    }
    for (; table->name; table++)
        if (table->required && !json_object_get(params, table->name))
            return K8S_FAIL(work, work->res || work->step ? INNO_INVALID_RESOURCE : INNO_INVALID_CONFIG, "%s.%s is missing", where,
                            table->name);
    return INNO_OK;
}
