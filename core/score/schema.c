/* Owns the tables of score.dev/v1b1: every keyword of the specification's JSON Schema, and our extensions. Any thread; read-only. */
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "base/str.h"
#include "codec/units.h"
#include "score/score_priv.h"
#include <stdlib.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGIT "0123456789"

#define LABEL_HELP "use 2 to 63 of a-z, 0-9 and '-', not '-' at the ends"

/* The predicates stand for the specification's patterns; they look at the whole text, so that nothing matches before a trailing newline. */

/* `len` bytes of `alphabet`, and no character of `never` at the ends. */
static bool is_word(const char *text, size_t len, size_t least, size_t most, const char *alphabet, const char *never)
{
    return len >= least && len <= most && strspn(text, alphabet) >= len && !strchr(never, text[0]) && !strchr(never, text[len - 1]);
}

/* ^[A-Za-z0-9][A-Za-z0-9-]{0,61}[A-Za-z0-9]$ */
static bool is_type_name(const char *text) { return is_word(text, strlen(text), 2, 63, LOWER UPPER DIGIT "-", "-"); }

/* ^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$ */
static bool is_resource_id(const char *text)
{
    size_t len = strlen(text);

    if (len < 2 || len > 63)
        return false;
    for (;;) {
        len = strcspn(text, ".");
        if (!is_word(text, len, 1, 63, LOWER DIGIT "-", "-"))
            return false;
        if (!text[len])
            return true;
        text += len + 1;
    }
}

/* An optional host name and '/', then a name of 2 to 63 characters; 2 to 316 in all. */
static bool is_annotation_key(const char *text)
{
    const char *slash = strchr(text, '/'), *name = slash ? slash + 1 : text;

    if (strlen(text) > 316 || !is_word(name, strlen(name), 2, 63, LOWER UPPER DIGIT "._-", "._-"))
        return false;
    if (slash == text)
        return false;
    while (slash && text < slash) {
        size_t len = strcspn(text, "./");

        if (!is_word(text, len, 2, 63, LOWER DIGIT "-", "-"))
            return false;
        text += len;
        if (text < slash && ++text == slash) /* a dot before the slash */
            return false;
    }
    return true;
}

/* ^0?[0-7]{3}$ */
static bool is_mode(const char *text)
{
    size_t len = strlen(text);

    return strspn(text, "01234567") == len && (len == 3 || (len == 4 && text[0] == '0'));
}

/* [0-9]+(\.[0-9]+)? at *at; moves it. */
static bool take_decimal(const char **at)
{
    size_t len = strspn(*at, DIGIT);

    if (!len)
        return false;
    *at += len;
    if (**at != '.')
        return true;
    len = strspn(++*at, DIGIT);
    *at += len;
    return len > 0;
}

/* ^(0\.\d+|[1-9]\d*(\.\d+)?)(K|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$ */
static bool is_memory(const char *text)
{
    const char *at = text;

    if (!take_decimal(&at) || (text[0] == '0' && text[1] != '.'))
        return false;
    return !*at || (strchr("KMGTPE", *at) && (!at[1] || (at[1] == 'i' && !at[2])));
}

/* ^\d+(?:m|\.\d+)?$ */
static bool is_cpu(const char *text)
{
    const char *at = text;

    if (!take_decimal(&at))
        return false;
    return !*at || (*at == 'm' && !at[1] && !strchr(text, '.'));
}

static bool is_variable_name(const char *text) { return *text && !strchr(text, '='); }
static bool is_header_name(const char *text) { return *text && strspn(text, LOWER UPPER DIGIT "_-") == strlen(text); }
static bool is_ttl(const char *text)
{
    struct err err = {0};
    int64_t ms;

    return duration_parse(text, &ms, &err) == 0;
}

static void check_memory(struct schema_run *run, const struct node *value)
{
    char hint[128];
    const char *help = quantity_hint(value->text, hint);

    if (value->text[0] == '0' && value->text[1] != '.') /* the number itself is wrong too */
        help = NULL;
    if (!is_memory(value->text))
        schema_report(run, value, ERR_QUANTITY, help ? help : "write 128M, 128Mi or 1.5Gi", "memory \"%.80s\" is no quantity", value->text);
}

static void check_cpu(struct schema_run *run, const struct node *value)
{
    if (!is_cpu(value->text))
        schema_report(run, value, ERR_QUANTITY, "write 2, 0.5 or 500m", "cpu \"%.80s\" is no quantity", value->text);
}

/* ---- leaves ---- */

static const char *const api_versions[] = {"score.dev/v1b1", NULL};
static const char *const protocols[] = {"TCP", "UDP", NULL};
static const char *const schemes[] = {"HTTP", "HTTPS", NULL};
static const char *const ready_states[] = {"started", "healthy", "complete", NULL};

static const struct schema_type api_version = {.kinds = SCHEMA_STRING, .values = api_versions};
static const struct schema_type protocol = {.kinds = SCHEMA_STRING, .values = protocols};
static const struct schema_type scheme = {.kinds = SCHEMA_STRING, .values = schemes};
static const struct schema_type ready_state = {.kinds = SCHEMA_STRING, .values = ready_states};
static const struct schema_type port = {.kinds = SCHEMA_INTEGRAL, .min = 1, .max = 65535};

#define NAME_TYPE(id, says, predicate, hint)                                                                                               \
    static const struct schema_type id = {.kinds = SCHEMA_STRING, .what = says, .help = hint, .matches = predicate, .code = ERR_BAD_NAME}

NAME_TYPE(workload_name, "a workload name", str_is_label, LABEL_HELP);
NAME_TYPE(container_name, "a container name", str_is_label, LABEL_HELP);
NAME_TYPE(resource_name, "a resource name", str_is_label, LABEL_HELP);
NAME_TYPE(port_name, "a port name", str_is_label, LABEL_HELP);
NAME_TYPE(label, "a name", str_is_label, LABEL_HELP);
NAME_TYPE(type_name, "a resource type", is_type_name, "use 2 to 63 of A-Z, a-z, 0-9 and '-', not '-' at the ends");
NAME_TYPE(class_name, "a resource class", is_type_name, "use 2 to 63 of A-Z, a-z, 0-9 and '-', not '-' at the ends");
NAME_TYPE(resource_id, "a resource id", is_resource_id, "use 2 to 63 of a-z, 0-9, '-' and '.'; no part may begin or end with '-'");
NAME_TYPE(annotation_key, "an annotation name", is_annotation_key, "write it like example.com/some-key");
NAME_TYPE(variable_name, "a variable name", is_variable_name, "a name is not empty and has no '='");
NAME_TYPE(header_name, "a header name", is_header_name, "use A-Z, a-z, 0-9, '_' and '-'");

static const struct schema_type file_mode = {
    .kinds = SCHEMA_STRING, .what = "a file mode", .help = "write it in octal digits and quotes: \"0644\"", .matches = is_mode};
static const struct schema_type base64_text = {
    .kinds = SCHEMA_STRING, .what = "base64", .help = "encode the bytes with `base64 FILE`", .matches = base64_is_valid};
static const struct schema_type memory = {.kinds = SCHEMA_STRING, .check = check_memory};
static const struct schema_type cpu = {.kinds = SCHEMA_STRING, .check = check_cpu};

/* ---- containers ---- */

#define FILE_FIELDS                                                                                                                        \
    {"mode", &file_mode}, {"source", &schema_text}, {"content", &schema_string}, {"binaryContent", &base64_text},                          \
    {                                                                                                                                      \
        "noExpand", &schema_bool                                                                                                           \
    }

static const struct schema_group file_groups[] = {{SCHEMA_ONE_OF, (const char *const[]){"content", "binaryContent", "source", NULL}}, {0}};
static const struct schema_field file_fields[] = {FILE_FIELDS, {0}};
static const struct schema_field listed_file_fields[] = {
    {"target", &schema_text, SCHEMA_REQUIRED, .help = "say where the file goes: target: /etc/app.conf"}, FILE_FIELDS, {0}};
static const struct schema_type file = {.kinds = SCHEMA_MAP, .fields = file_fields, .groups = file_groups};
static const struct schema_type listed_file = {.kinds = SCHEMA_MAP, .fields = listed_file_fields, .groups = file_groups};

#define VOLUME_FIELDS                                                                                                                      \
    {"source", &schema_string, SCHEMA_REQUIRED, .help = "name a volume resource: source: ${resources.NAME}"}, {"path", &schema_string},    \
        {"readOnly", &schema_bool},                                                                                                        \
    {                                                                                                                                      \
        "read_only", &schema_bool, SCHEMA_RENAMED, .instead = "readOnly"                                                                   \
    }

static const struct schema_field volume_fields[] = {VOLUME_FIELDS, {0}};
static const struct schema_field listed_volume_fields[] = {
    {"target", &schema_string, SCHEMA_REQUIRED, .help = "say where the volume goes: target: /data"}, VOLUME_FIELDS, {0}};
static const struct schema_type volume = {.kinds = SCHEMA_MAP, .fields = volume_fields};
static const struct schema_type listed_volume = {.kinds = SCHEMA_MAP, .fields = listed_volume_fields};

static int by_target(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
    int order = strcmp(x->text, y->text);

    return order ? order : x->line != y->line ? x->line - y->line : x->column - y->column;
}

/* The list forms are deprecated, and remain fine. Two entries for one target are not. */
static void check_list_form(struct schema_run *run, const struct node *value)
{
    CLEANUP(free_ptr) const struct node **targets = NULL;
    size_t count = 0;

    if (value->kind != NODE_LIST)
        return;
    schema_warn(run, value, ERR_DEPRECATED, "write a map from target to details", "%s as a list is deprecated", schema_name(run));
    targets = mem_array(value->list.count + 1, sizeof *targets);
    for (size_t i = 0; i < value->list.count; i++)
        if (node_str(value->list.items[i], "target"))
            targets[count++] = node_get(value->list.items[i], "target");
    qsort(targets, count, sizeof *targets, by_target);
    for (size_t i = 1; i < count; i++)
        if (strcmp(targets[i]->text, targets[i - 1]->text) == 0)
            schema_report(run, targets[i], ERR_DUPLICATE_KEY, "keep one of the two", "target \"%.80s\" stands twice", targets[i]->text);
}

static const struct schema_type files = {
    .kinds = SCHEMA_MAP | SCHEMA_LIST, .what = "a map", .items = &listed_file, .each = &file, .check = check_list_form};
static const struct schema_type volumes = {
    .kinds = SCHEMA_MAP | SCHEMA_LIST, .what = "a map", .items = &listed_volume, .each = &volume, .check = check_list_form};

static const struct schema_field header_fields[] = {{"name", &header_name, SCHEMA_REQUIRED}, {"value", &schema_text, SCHEMA_REQUIRED}, {0}};
static const struct schema_type header = {.kinds = SCHEMA_MAP, .fields = header_fields};
static const struct schema_type headers = {.kinds = SCHEMA_LIST, .items = &header};
static const struct schema_field http_fields[] = {{"host", &schema_text},
                                                  {"scheme", &scheme},
                                                  {"path", &schema_string, SCHEMA_REQUIRED, .help = "add path: /health"},
                                                  {"port", &port, SCHEMA_REQUIRED, .help = "add port: 8080"},
                                                  {"httpHeaders", &headers},
                                                  {0}};
static const struct schema_type http_probe = {.kinds = SCHEMA_MAP, .fields = http_fields};
static const struct schema_field exec_fields[] = {{"command", &schema_strings, SCHEMA_REQUIRED, .help = "add command: [...]"}, {0}};
static const struct schema_type exec_probe = {.kinds = SCHEMA_MAP, .fields = exec_fields};
static const struct schema_field probe_fields[] = {{"httpGet", &http_probe}, {"exec", &exec_probe}, {0}};
static const struct schema_group probe_groups[] = {{SCHEMA_ANY_OF, (const char *const[]){"httpGet", "exec", NULL}}, {0}};
static const struct schema_type probe = {.kinds = SCHEMA_MAP, .fields = probe_fields, .groups = probe_groups};

static const struct schema_field limit_fields[] = {{"memory", &memory}, {"cpu", &cpu}, {0}};
static const struct schema_type limits = {.kinds = SCHEMA_MAP, .fields = limit_fields};
static const struct schema_field compute_fields[] = {{"limits", &limits}, {"requests", &limits}, {0}};
static const struct schema_type compute = {.kinds = SCHEMA_MAP, .fields = compute_fields};

static const struct schema_field before_fields[] = {
    {"ready", &ready_state, SCHEMA_REQUIRED, .help = "add ready: started, healthy or complete"}, {0}};
static const struct schema_type before_entry = {.kinds = SCHEMA_MAP, .fields = before_fields};
static const struct schema_type before = {.kinds = SCHEMA_MAP, .each = &before_entry, .key = &container_name};
static const struct schema_type variables = {.kinds = SCHEMA_MAP, .each = &schema_string, .key = &variable_name};

static const struct schema_field container_fields[] = {
    {"image", &schema_text, SCHEMA_REQUIRED, .help = "add image: NAME:TAG, or image: . to give it at deploy time"},
    {"command", &schema_strings},
    {"args", &schema_strings},
    {"variables", &variables},
    {"files", &files},
    {"volumes", &volumes},
    {"before", &before},
    {"resources", &compute},
    {"livenessProbe", &probe},
    {"readinessProbe", &probe},
    {0}};
static const struct schema_type container = {.kinds = SCHEMA_MAP, .fields = container_fields};
static const struct schema_type containers = {
    .kinds = SCHEMA_MAP, .min_items = 1, .each = &container, .key = &container_name, .help = "add a container: {main: {image: NAME:TAG}}"};

/* ---- the rest of the file ---- */

static const struct schema_type annotations = {.kinds = SCHEMA_MAP, .each = &schema_string, .key = &annotation_key};
static const struct schema_field metadata_fields[] = {
    {"name", &workload_name, SCHEMA_REQUIRED, .help = "add name: my-app"},
    {"annotations", &annotations},
    {"application", &label},
    {"product", &label},
    {"team", &label},
    {"costCenter", &schema_text},
    {0},
};
static const struct schema_type metadata = {.kinds = SCHEMA_MAP, .fields = metadata_fields, .open = true};

static const struct schema_field port_fields[] = {
    {"port", &port, SCHEMA_REQUIRED, .help = "add port: 8080"}, {"protocol", &protocol}, {"targetPort", &port}, {0}};
static const struct schema_type service_port = {.kinds = SCHEMA_MAP, .fields = port_fields};
static const struct schema_type service_ports = {.kinds = SCHEMA_MAP, .each = &service_port, .key = &port_name};
static const struct schema_field service_fields[] = {{"ports", &service_ports}, {0}};
static const struct schema_type service = {.kinds = SCHEMA_MAP, .fields = service_fields};

static const struct schema_field resource_metadata_fields[] = {{"annotations", &annotations}, {0}};
static const struct schema_type resource_metadata = {.kinds = SCHEMA_MAP, .fields = resource_metadata_fields, .open = true};
static const struct schema_field resource_fields[] = {
    {"type", &type_name, SCHEMA_REQUIRED, .help = "add type: postgres, redis, dns, volume ..."},
    {"class", &class_name},
    {"id", &resource_id},
    {"metadata", &resource_metadata},
    {"params", &schema_free_map},
    {"properties", &schema_free_map, SCHEMA_RENAMED | SCHEMA_EXTENSION, .instead = "params"},
    {0},
};
static const struct schema_type resource = {.kinds = SCHEMA_MAP, .fields = resource_fields};
static const struct schema_type resources = {.kinds = SCHEMA_MAP, .each = &resource, .key = &resource_name};

static const struct schema_type ttl = {
    .kinds = SCHEMA_STRING, .what = "a duration", .help = "write 30m, 24h or 7d", .matches = is_ttl, .code = ERR_DURATION};
static const struct schema_field environment_fields[] = {{"type", &label}, {"ttl", &ttl}, {0}};
static const struct schema_type environment = {.kinds = SCHEMA_MAP, .fields = environment_fields};
static const struct schema_type workflow_name = {.kinds = SCHEMA_STRING, .what = "workflow name", .min_chars = 1, .max_chars = 63};
static const struct schema_type workflows = {.kinds = SCHEMA_MAP, .each = &schema_free_map, .key = &workflow_name};

static const struct schema_field score_fields[] = {
    {"apiVersion", &api_version, SCHEMA_REQUIRED, .help = "add apiVersion: score.dev/v1b1"},
    {"metadata", &metadata, SCHEMA_REQUIRED, .help = "add metadata: {name: my-app}"},
    {"service", &service},
    {"containers", &containers, SCHEMA_REQUIRED, .help = "add containers: {main: {image: NAME:TAG}}"},
    {"resources", &resources},
    {"environment", &environment, SCHEMA_EXTENSION},
    {"workflows", &workflows, SCHEMA_EXTENSION},
    {0},
};
const struct schema_type score_schema = {
    .kinds = SCHEMA_MAP, .what = "a Score file (a map)", .help = "begin with apiVersion: score.dev/v1b1", .fields = score_fields};

json_t *score_json_schema(void) { return schema_to_json(&score_schema, "https://innominatus.dev/schemas/score", "Score file"); }
