/* Owns the calls of actions: plain C functions whose arguments a signature names, called through libffi. The only file that includes ffi.h.
 * Main thread. */
#include "base/str.h"
#include "plugin/action.h"
#include "plugin/host/calls.h"
#include <ffi.h>
#include <stddef.h>
#include <string.h>

#define MAX_ACTIONS  64
#define MOST_BYTES   (64u << 10)
#define FIXED        4u /* self, host, call, resource */
#define ALL          (FIXED + LIMIT_ACTION_PARAMS)
#define LEAST_BYTES  (offsetof(inno_action, function) + sizeof(((inno_action *)0)->function))
#define HOLDS(table) ((table)->struct_size >= LEAST_BYTES && (table)->struct_size <= MOST_BYTES)

_Static_assert(LIMIT_ACTION_PARAMS == INNO_MAX_ACTION_PARAMS, "the SDK says how many arguments an action may have");

/* ---- the table against the manifest ---- */

static int refuse(struct err *err, const char *name, const char *what)
{
    return err_set(err, ERR_PLUGIN_REFUSED, "its action %.63s %s", name, what);
}

/* What must be there before anything is compared. */
static int check_shape(const inno_action *action, struct err *err)
{
    size_t count;

    if (!HOLDS(action))
        return err_set(err, ERR_PLUGIN_REFUSED,
                       "one of its actions has a struct of %u bytes, the least is %zu; begin it with INNO_ACTION_HEAD", action->struct_size,
                       LEAST_BYTES);
    if (!action->name || !str_is_label(action->name))
        return err_set(err, ERR_PLUGIN_REFUSED, "one of its actions has no good name (a-z, 0-9, '-')");
    if (!action->function)
        return refuse(err, action->name, "has no function");
    count = action->signature ? strnlen(action->signature, LIMIT_ACTION_PARAMS + 1) : 0;
    if (!action->signature)
        return refuse(err, action->name, "has no signature; \"\" is that of one without arguments");
    if (count > LIMIT_ACTION_PARAMS)
        return err_set(err, ERR_PLUGIN_REFUSED, "its action %s has more than %d arguments", action->name, LIMIT_ACTION_PARAMS);
    if (strspn(action->signature, ACTION_TYPES) != count)
        return err_set(err, ERR_PLUGIN_REFUSED, "its action %s has the signature \"%.20s\"; the letters are s, i, b, d and j", action->name,
                       action->signature);
    for (size_t i = 0; i < count; i++)
        if (!action->params || !action->params[i])
            return refuse(err, action->name, "does not name all its arguments");
    return 0;
}

static int compare(const inno_action *action, const json_t *said, struct err *err)
{
    char signature[LIMIT_ACTION_PARAMS + 1];
    const json_t *param;
    size_t i;

    if (!said)
        return err_set(err, ERR_PLUGIN_REFUSED, "lies about its actions: the table has \"%s\", the manifest does not list it",
                       action->name);
    action_signature(said, signature);
    if (!str_eq(signature, action->signature))
        return err_set(err, ERR_PLUGIN_REFUSED, "lies about its action %s: the manifest says the signature is \"%s\", the table \"%s\"",
                       action->name, signature, action->signature);
    json_array_foreach(json_object_get(said, "params"), i, param)
    {
        if (!str_eq(json_str(param, "name"), action->params[i]))
            return err_set(err, ERR_PLUGIN_REFUSED, "lies about its action %s: the manifest calls argument %zu \"%s\", the table \"%.63s\"",
                           action->name, i + 1, json_str(param, "name"), action->params[i]);
    }
    if (json_flag(said, "changes", false) != ((action->flags & INNO_ACTION_CHANGES) != 0))
        return err_set(err, ERR_PLUGIN_REFUSED, "lies about its action %s: the manifest says it %s the resource, the table does not",
                       action->name, json_flag(said, "changes", false) ? "changes" : "does not change");
    return 0;
}

int actions_check(const inno_provisioner *plugin, const json_t *manifest, struct err *err)
{
    const inno_action *const *actions = plugin->slots & INNO_SLOT_ACTIONS ? plugin->actions : NULL;
    size_t count = 0, listed = json_array_size(json_object_get(manifest, "actions"));

    for (; actions && actions[count]; count++) {
        const inno_action *action = actions[count];

        if (count >= MAX_ACTIONS)
            return err_set(err, ERR_PLUGIN_REFUSED, "its table has more than %d actions", MAX_ACTIONS);
        if (check_shape(action, err) < 0)
            return -1;
        for (size_t i = 0; i < count; i++)
            if (str_eq(actions[i]->name, action->name))
                return refuse(err, action->name, "is in the table twice");
        if (compare(action, action_named(json_object_get(manifest, "actions"), action->name), err) < 0)
            return -1;
    }
    if (count != listed)
        return err_set(err, ERR_PLUGIN_REFUSED, "lies about its actions: the manifest lists %zu, the table %zu", listed, count);
    return 0;
}

/* ---- the call ---- */

/* The arguments as the function wants them, and the texts of those that are JSON. */
struct arguments {
    union value {
        const void *pointer;
        int64_t whole;
        int32_t flag;
        double number;
    } values[ALL];
    inno_span spans[LIMIT_ACTION_PARAMS];
    ffi_type *types[ALL];
    void *at[ALL];
    unsigned count;
};

static void add_pointer(struct arguments *a, const void *pointer)
{
    a->values[a->count].pointer = pointer;
    a->types[a->count] = &ffi_type_pointer;
    a->count++;
}

static int add_span(struct arguments *a, struct inno_call *call, const json_t *value)
{
    inno_span *span = &a->spans[a->count - FIXED];
    char *text = json_text(value), *copy = host_table.alloc(call, strlen(text) + 1);

    if (copy)
        memcpy(copy, text, strlen(text) + 1);
    *span = (inno_span){copy, copy ? strlen(copy) : 0};
    free(text);
    add_pointer(a, span);
    return copy ? 0 : -1;
}

static int add_argument(struct arguments *a, struct inno_call *call, char type, const json_t *value)
{
    switch (type) {
    case 's':
        add_pointer(a, json_string_value(value));
        return 0;
    case 'i':
        a->values[a->count].whole = json_integer_value(value);
        a->types[a->count++] = &ffi_type_sint64;
        return 0;
    case 'b':
        a->values[a->count].flag = json_is_true(value);
        a->types[a->count++] = &ffi_type_sint32;
        return 0;
    case 'd':
        a->values[a->count].number = json_number_value(value);
        a->types[a->count++] = &ffi_type_double;
        return 0;
    default:
        return add_span(a, call, value);
    }
}

static inno_rc call_function(struct inno_call *call, const inno_action *action, struct arguments *a)
{
    union { /* libffi widens what is smaller than a register */
        ffi_arg wide;
        int64_t room;
    } result = {0};
    ffi_cif cif;

    for (unsigned i = 0; i < a->count; i++)
        a->at[i] = &a->values[i];
    if (ffi_prep_cif(&cif, FFI_DEFAULT_ABI, a->count, &ffi_type_sint32, a->types) != FFI_OK)
        return host_table.fail(call, INNO_FAILED, 0, "action %s: libffi cannot call a function with the signature \"%s\"", action->name,
                               action->signature);
    ffi_call(&cif, action->function, &result, a->at);
    return (inno_rc)result.wide;
}

static const inno_action *table_action(const inno_provisioner *plugin, const char *name)
{
    for (size_t i = 0; plugin->slots & INNO_SLOT_ACTIONS && plugin->actions && plugin->actions[i]; i++)
        if (str_eq(plugin->actions[i]->name, name))
            return plugin->actions[i];
    return NULL;
}

inno_rc action_call(struct inno_call *call, const inno_provisioner *plugin, void *self, const inno_resource *resource, const char *name,
                    const json_t *arguments)
{
    const inno_action *action = name ? table_action(plugin, name) : NULL;
    struct arguments a = {.count = 0};
    size_t count;

    if (!action)
        return host_table.fail(call, INNO_UNSUPPORTED, 0, "the plugin has no action %.63s", name ? name : "(none)");
    count = strlen(action->signature);
    if (json_array_size(arguments) != count)
        return host_table.fail(call, INNO_FAILED, 0, "action %s takes %zu arguments, %zu came", name, count, json_array_size(arguments));
    add_pointer(&a, self);
    add_pointer(&a, &host_table);
    add_pointer(&a, call);
    add_pointer(&a, resource);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(arguments, i);

        if (!action_value_fits(action->signature[i], value))
            return host_table.fail(call, INNO_FAILED, 0, "argument %zu of action %s must be %s", i + 1, name,
                                   action_type_name(action->signature[i]));
        if (add_argument(&a, call, action->signature[i], value) < 0)
            return host_table.fail(call, INNO_TRANSIENT, 1, "out of memory");
    }
    return call_function(call, action, &a);
}
