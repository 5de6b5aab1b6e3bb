/* Owns what differs between an object as it shall be and as it is. Pure; any thread. Depth is bounded by jansson's parser. */
#include "compare.h"
#include "kubernetes.h"
#include <stdio.h>

#define DEPTH      64
#define MAX_TOLD   100
#define PATH_BYTES 600

struct comparing {
    json_t *changes;
    bool both;    /* members that only the live object has are differences too */
    bool secrets; /* values are not told */
    bool failed;
};

/* ---- what is the same ---- */

/* What an API server leaves out when it writes an object down. */
static bool is_empty(const json_t *value)
{
    return !value || json_is_null(value) || json_is_false(value) || (json_is_string(value) && !json_string_length(value)) ||
           (json_is_integer(value) && json_integer_value(value) == 0) || (json_is_array(value) && !json_array_size(value)) ||
           (json_is_object(value) && !json_object_size(value));
}

/* Value of a quantity ("500m", "1.5Gi"); false when the text is none. */
static bool quantity(const char *text, double *out)
{
    static const struct {
        const char *suffix;
        double factor;
    } units[] = {{"", 1},           {"m", 1e-3},          {"u", 1e-6},    {"n", 1e-9},    {"k", 1e3},
                 {"M", 1e6},        {"G", 1e9},           {"T", 1e12},    {"P", 1e15},    {"Ki", 1024.0},
                 {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 0x1p40}, {"Pi", 0x1p50}, {"Ei", 0x1p60}};
    size_t digits = strspn(text, "0123456789.");

    if (!digits || digits > 30)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(text + digits, units[i].suffix) == 0) {
            *out = strtod(text, NULL) * units[i].factor;
            return true;
        }
    return false;
}

bool compare_quantities(const char *left, const char *right, double *out_left, double *out_right)
{
    return quantity(left, out_left) && quantity(right, out_right);
}

/* "0.5" and "500m", 1 and "1". */
static bool same_quantity(const json_t *a, const json_t *b)
{
    char left[40] = "", right[40] = "";
    double x, y;

    if (!json_is_string(a) && !json_is_string(b))
        return json_is_number(a) && json_is_number(b) && json_number_value(a) >= json_number_value(b) &&
               json_number_value(a) <= json_number_value(b);
    if (json_is_number(a))
        snprintf(left, sizeof left, "%.15g", json_number_value(a));
    if (json_is_number(b))
        snprintf(right, sizeof right, "%.15g", json_number_value(b));
    if (!compare_quantities(json_is_string(a) ? json_string_value(a) : left, json_is_string(b) ? json_string_value(b) : right, &x, &y))
        return false;
    return x - y <= 1e-9 * x && y - x <= 1e-9 * x;
}

/* Places where a text is a quantity. */
static bool is_quantity_place(const char *path)
{
    return strstr(path, ".limits.") || strstr(path, ".requests.") || strstr(path, ".hard.") || strstr(path, ".capacity.") ||
           strstr(path, ".default.") || strstr(path, ".defaultRequest.");
}

/* ---- telling ---- */

static json_t *told(const struct comparing *c, const char *path, const json_t *value)
{
    if (!value)
        return json_null();
    if (c->secrets && (strstr(path, ".data") || strstr(path, ".stringData")))
        return json_string("(secret)");
    return json_deep_copy(value);
}

static void tell(struct comparing *c, const char *path, const json_t *from, const json_t *to)
{
    if (json_array_size(c->changes) >= MAX_TOLD)
        return;
    if (json_array_append_new(c->changes,
                              json_pack("{s:s, s:o, s:o}", "path", path, "from", told(c, path, from), "to", told(c, path, to))) != 0)
        c->failed = true;
}

/* ---- walking ---- */

static void walk(struct comparing *c, const char *path, const json_t *from, const json_t *to, int depth);

static void join(char out[PATH_BYTES], const char *path, const char *key)
{
    bool plain = !strpbrk(key, "./");

    snprintf(out, PATH_BYTES, plain ? "%.400s.%.180s" : "%.400s[\"%.180s\"]", path, key);
}

static void walk_object(struct comparing *c, const char *path, const json_t *from, const json_t *to, int depth)
{
    char below[PATH_BYTES];
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)to, key, value)
    {
        join(below, path, key);
        walk(c, below, json_object_get(from, key), value, depth + 1);
    }
    json_object_foreach((json_t *)(uintptr_t)from, key, value) if (c->both && !json_object_get(to, key) && !is_empty(value))
    {
        join(below, path, key);
        tell(c, below, value, NULL);
    }
}

/* The members that tell items of a list apart, as the API's own list types say. */
static const char *key_of(const json_t *item)
{
    static const char *const keys[] = {"name", "containerPort", "port", "mountPath", "ip", "topologyKey", "key", "host", "type", "path"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (json_object_get(item, keys[i]))
            return keys[i];
    return NULL;
}

static bool alike(const json_t *a, const json_t *b) { return a == b || json_equal(a, b); }

static const json_t *find_item(const json_t *list, const json_t *like, const char *key)
{
    const json_t *item, *protocol = json_object_get(like, "protocol"), *mount = json_object_get(like, "mountPath");
    size_t i;

    json_array_foreach(list, i, item)
    {
        const json_t *other = json_object_get(item, "protocol");

        if (alike(json_object_get(item, key), json_object_get(like, key)) && (!protocol || !other || json_equal(protocol, other)) &&
            alike(json_object_get(item, "mountPath"), mount)) /* one volume may be mounted twice */
            return item;
    }
    return NULL;
}

static bool has_keys(const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item) if (!key_of(item)) return false;
    return json_array_size(list) > 0;
}

static void walk_keyed(struct comparing *c, const char *path, const json_t *from, const json_t *to, int depth)
{
    char below[PATH_BYTES];
    const json_t *item;
    size_t i;

    json_array_foreach(to, i, item)
    {
        const char *key = key_of(item), *name = json_string_value(json_object_get(item, key));

        if (name)
            snprintf(below, sizeof below, "%.400s[%.180s]", path, name);
        else
            snprintf(below, sizeof below, "%.400s[%lld]", path, (long long)json_integer_value(json_object_get(item, key)));
        walk(c, below, find_item(from, item, key), item, depth + 1);
    }
    json_array_foreach(from, i, item) if (c->both && key_of(item) && !find_item(to, item, key_of(item)))
    {
        snprintf(below, sizeof below, "%.400s[%.180s]", path, text_at(item, key_of(item), "?"));
        tell(c, below, item, NULL);
    }
}

static void walk_list(struct comparing *c, const char *path, const json_t *from, const json_t *to, int depth)
{
    char below[PATH_BYTES];
    const json_t *item;
    size_t i;

    if (has_keys(to) && (!json_array_size(from) || has_keys(from))) {
        walk_keyed(c, path, from, to, depth);
        return;
    }
    if (json_array_size(from) != json_array_size(to)) {
        tell(c, path, from, to);
        return;
    }
    json_array_foreach(to, i, item)
    {
        snprintf(below, sizeof below, "%.400s[%zu]", path, i);
        walk(c, below, json_array_get(from, i), item, depth + 1);
    }
}

static void walk(struct comparing *c, const char *path, const json_t *from, const json_t *to, int depth)
{
    if (depth > DEPTH || c->failed || json_equal(from, to) || (is_empty(from) && is_empty(to)))
        return;
    if (json_is_object(to) && json_is_object(from))
        walk_object(c, path, from, to, depth);
    else if (json_is_array(to) && json_is_array(from))
        walk_list(c, path, from, to, depth);
    else if (!is_quantity_place(path) || !same_quantity(from, to))
        tell(c, path, from, to);
}

/* ---- objects ---- */

/* What is not ours to compare: the server's own members. */
static json_t *stripped(const json_t *object)
{
    static const char *const own[] = {"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"};
    json_t *copy = json_deep_copy(object), *metadata = json_object_get(copy, "metadata");

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        json_object_del(metadata, own[i]);
    json_object_del(copy, "status");
    return copy;
}

static int compare(const json_t *from, const json_t *to, const char *prefix, bool both, json_t *changes)
{
    CLEANUP(json_put) json_t *left = stripped(from), *right = stripped(to);
    struct comparing c = {.changes = changes, .both = both, .secrets = strcmp(object_kind(to), "Secret") == 0};

    if (!left || !right)
        return -1;
    walk(&c, prefix, left, right, 0);
    return c.failed ? -1 : 0;
}

int compare_wanted(const json_t *wanted, const json_t *live, const char *prefix, json_t *changes)
{
    return compare(live, wanted, prefix, false, changes);
}

int compare_results(const json_t *live, const json_t *result, const char *prefix, json_t *changes)
{
    return compare(live, result, prefix, true, changes);
}

/* Does the manager own the data key? */
static bool owns(const json_t *live, const char *key)
{
    const json_t *entry, *managed = json_object_get(json_object_get(live, "metadata"), "managedFields");
    char field[K8S_NAME_BYTES + 8];
    size_t i;

    snprintf(field, sizeof field, "f:%.253s", key);
    json_array_foreach(managed, i,
                       entry) if (strcmp(text_at(entry, "manager", ""), K8S_MANAGER) == 0 &&
                                  json_object_get(json_object_get(json_object_get(entry, "fieldsV1"), "f:data"), field)) return true;
    return !managed;
}

/* The keys that the secret shall have; with values only where they were opened. New reference. */
static json_t *secret_keys(const json_t *wanted)
{
    json_t *data = json_object_get(wanted, "data");
    const char *references = text_at(json_object_get(json_object_get(wanted, "metadata"), "annotations"), "innominatus.dev/secret-ref", "");

    return data ? json_incref(data) : json_loads(references, 0, NULL);
}

int compare_secret_owners(const json_t *wanted, const json_t *live, const char *prefix, json_t *changes)
{
    CLEANUP(json_put) json_t *keys = secret_keys(wanted);
    const char *key;
    json_t *value;
    char path[PATH_BYTES], whole[PATH_BYTES];
    struct comparing c = {.changes = changes, .secrets = true};

    snprintf(path, sizeof path, "%.400s.data", prefix);
    json_object_foreach(keys, key, value)
    {
        const json_t *there = json_object_get(json_object_get(live, "data"), key);

        join(whole, path, key);
        if (!there)
            tell(&c, whole, NULL, value);
        else if (!owns(live, key))
            tell(&c, whole, there, value);
    }
    return c.failed ? -1 : 0;
}

void compare_say(const json_t *change, char *out)
{
    CLEANUP(free_text) char *from = json_dumps(json_object_get(change, "from"), JSON_ENCODE_ANY | JSON_COMPACT);
    CLEANUP(free_text) char *to = json_dumps(json_object_get(change, "to"), JSON_ENCODE_ANY | JSON_COMPACT);

    snprintf(out, K8S_TEXT_BYTES, "%.180s is %.80s, not %.80s", text_at(change, "path", ""), from ? from : "?", to ? to : "?");
}
