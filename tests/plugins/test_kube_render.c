/* The Kubernetes renderer against golden files, and what it must refuse. INNO_GOLDEN_WRITE=1 writes the golden files anew (then read the
 * diff). */
#include "base/cleanup.h"
#include "base/io.h"
#include "codec/json.h"
#include "codec/node.h"
#include "kube_render.h"
#include "test.h"
#include "yaml_emit.h"
#include <string.h>

#define GOLDEN TEST_SOURCE_DIR "/tests/plugins/golden/"

static const char *const roots[] = {"/srv/volumes/shop", NULL};
static const struct kube_options options = {.namespace = "shop-dev",
                                            .application = "shop",
                                            .environment = "development",
                                            .team = "shop",
                                            .product = "ecommerce",
                                            .replicas = 1,
                                            .host_path_roots = roots};

static json_t *load(const char *name)
{
    char path[300], *text = NULL;
    json_t *value = NULL;
    struct err err;

    snprintf(path, sizeof path, GOLDEN "%s", name);
    ASSERT_OK(io_read_file(path, 1 << 20, &text, NULL, &err), err);
    ASSERT_OK(json_parse(text, strlen(text), name, 1 << 20, &value, &err), err);
    free(text);
    return value;
}

/* All manifests as one stream of documents. */
static char *render_text(const json_t *workload, const struct kube_options *with)
{
    CLEANUP(json_put) json_t *objects = NULL, *warnings = NULL, *manifests = NULL;
    char why[512] = "", *text = NULL;
    size_t len, i;
    json_t *item;
    FILE *out = open_memstream(&text, &len);

    CU_ASSERT_EQUAL(kube_render_workload(workload, with, &objects, &warnings, why, sizeof why), 0);
    ASSERT_TEXT(why, "");
    manifests = kube_manifests(objects);
    json_array_foreach(manifests, i, item) fprintf(out, "--- # %s\n%s", json_str(item, "path"), json_str(item, "content"));
    json_array_foreach(warnings, i, item) fprintf(out, "# warning: %s\n", json_string_value(item));
    fclose(out);
    return text;
}

static void check_golden(const char *input, const char *golden)
{
    CLEANUP(json_put) json_t *workload = load(input);
    CLEANUP(free_ptr) char *text = render_text(workload, &options), *wanted = NULL;
    char path[300];
    struct err err;

    snprintf(path, sizeof path, GOLDEN "%s", golden);
    if (getenv("INNO_GOLDEN_WRITE"))
        ASSERT_OK(io_write_atomic(path, text, strlen(text), 0644, &err), err);
    ASSERT_OK(io_read_file(path, 1 << 20, &wanted, NULL, &err), err);
    ASSERT_TEXT(text, wanted);
}

static void test_everything(void) { check_golden("everything.json", "everything.yaml"); }
static void test_minimal(void) { check_golden("minimal.json", "minimal.yaml"); }

/* Rebuilds a value with the members of every object in reverse order. */
static json_t *reversed(const json_t *value)
{
    json_t *out, *item;
    const char *keys[128], *key;
    size_t count = 0, i;

    if (json_is_array(value)) {
        out = json_array();
        json_array_foreach(value, i, item) json_array_append_new(out, reversed(item));
        return out;
    }
    if (!json_is_object(value))
        return json_deep_copy(value);
    out = json_object();
    json_object_foreach((json_t *)(uintptr_t)value, key, item) if (count < 128) keys[count++] = key;
    while (count--)
        json_object_set_new(out, keys[count], reversed(json_object_get(value, keys[count])));
    return out;
}

static void test_deterministic(void)
{
    CLEANUP(json_put) json_t *workload = load("everything.json"), *other = reversed(workload);
    CLEANUP(free_ptr) char *a = render_text(workload, &options), *b = render_text(other, &options);

    ASSERT_TEXT(a, b);
}

/* An independent reader (libyaml, YAML 1.2 core types) finds the same value in the text. */
static void check_round_trip(const json_t *value)
{
    CLEANUP(free_ptr) char *text = yaml_emit(value);
    CLEANUP(arena_fini) struct arena arena = {0};
    CLEANUP(json_put) json_t *back = NULL;
    struct diag_list diags;
    struct node *root;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    diags = diag_list_make(&arena, "emitted");
    root = node_parse_yaml(text, strlen(text), &arena, &diags);
    if (!root)
        fprintf(stderr, "%s\n", diag_render(&diags, text, false, &arena));
    back = root ? node_to_json(root) : NULL;
    if (!back || !json_equal(back, value))
        fprintf(stderr, "not the same after reading:\n%s\n", text);
    CU_ASSERT(back && json_equal(back, value));
}

static void test_round_trip(void)
{
    CLEANUP(json_put) json_t *workload = load("everything.json"), *objects = NULL, *warnings = NULL;
    char why[512];
    json_t *object;
    size_t i;

    CU_ASSERT_EQUAL_FATAL(kube_render_workload(workload, &options, &objects, &warnings, why, sizeof why), 0);
    json_array_foreach(objects, i, object) check_round_trip(object);
}

/* clang-format off */
static const char *const tricky[] = {
    "yes", "No", "on", "OFF", "true", "null", "~", "", " ", "0644", "0x1f", "1e3", "1.5", "-1", "+1", ".5", ".inf", ".NaN", "12:30:45", "2026-11-21", "a: b", "a:", "a #b", "#a", "- a", "-", "?", "? a", "!tag", "&a", "*a", "@a", "`a", "%a", "{a}", "[a]", "a, b", "'", "\"", "a\"b\\c", "|", ">", "<<", "=", "line\n", "line\n\n\n", "a\nb", "\na", "\n", "\n\n", "a\n\n b\n", " indented\n", "trailing \nblank", "tab\tinside", "\ttab\nfirst", "a\n\tb\n", "cr\r\nlf", "bell\x07", "\x7f", "grün ✓ 日本", "\xe2\x80\xa8", "\xef\xbb\xbf\x62om", "\xc2\x85", "\xf0\x9f\x9a\x80 rocket", "a\n---\nb\n", "---", "...", "a\n...\n", "y", "N", "key: |\n x\n"};
/* clang-format on */

static void test_tricky_texts(void)
{
    CLEANUP(json_put) json_t *list = json_array(), *map = json_object(), *nested = NULL;

    for (size_t i = 0; i < sizeof tricky / sizeof tricky[0]; i++) {
        json_array_append_new(list, json_string(tricky[i]));
        if (!strchr(tricky[i], '\n') && tricky[i][0])
            json_object_set_new(map, tricky[i], json_string(tricky[i]));
    }
    nested = json_pack("{sO sO s[[O{sO}]]}", "list", list, "map", map, "deep", list, "in", map);
    check_round_trip(nested);
}

static void test_numbers(void)
{
    CLEANUP(json_put)
    json_t *value =
        json_pack("{sI si sb sb sn s{} s[] s[[]{}]}", "max", (json_int_t)INT64_MAX, "minus", -7, "t", 1, "f", 0, "none", "o", "a", "both");

    check_round_trip(value);
}

static void test_depth(void)
{
    CLEANUP(json_put) json_t *value = json_string("leaf");

    for (int i = 0; i < 200; i++)
        value = json_pack("[o]", value);
    CU_ASSERT_PTR_NULL(yaml_emit(value));
}

/* No text of a secret is anywhere unless it is opened, and then only in the Secret. */
static int open_secret(void *ctx, const char *reference, char **out, char *why, size_t why_size)
{
    if (ctx) {
        snprintf(why, why_size, "the vault is sealed");
        return -1;
    }
    *out = strdup(strstr(reference, "#password") ? "s3cret" : "other");
    return 0;
}

static void test_opened_secrets(void)
{
    CLEANUP(json_put) json_t *workload = load("everything.json"), *objects = NULL, *warnings = NULL;
    struct kube_options with = options;
    char why[512] = "";
    int secrets = 0;
    json_t *object;
    size_t i;

    with.open_secret = open_secret;
    CU_ASSERT_EQUAL_FATAL(kube_render_workload(workload, &with, &objects, &warnings, why, sizeof why), 0);
    json_array_foreach(objects, i, object)
    {
        CLEANUP(free_ptr) char *text = json_text(object);

        CU_ASSERT_PTR_NULL(strstr(text, "s3cret"));
        if (strcmp(json_str(object, "kind"), "Secret") == 0 &&
            strcmp(json_str(json_object_get(object, "metadata"), "name"), "shop.web.secrets") == 0) {
            secrets++;
            ASSERT_TEXT(json_str(json_object_get(object, "data"), "env.DB_PASSWORD"), "czNjcmV0");
        }
    }
    CU_ASSERT_EQUAL(secrets, 1);
    with.ctx = &with;
    CU_ASSERT_EQUAL(kube_render_workload(workload, &with, &objects, &warnings, why, sizeof why), -1);
    ASSERT_CONTAINS(why, "the vault is sealed");
}

/* Merges `patch` into the minimal workload's container (or the top level when top) and expects a refusal that says `wanted`. */
static void expect_refused(const char *patch, bool top, const char *wanted)
{
    CLEANUP(json_put) json_t *workload = load("minimal.json"), *parsed = json_loads(patch, JSON_ALLOW_NUL, NULL);
    json_t *objects = NULL, *warnings = NULL, *main_one = json_object_get(json_object_get(workload, "containers"), "main");
    char why[512] = "";

    CU_ASSERT_PTR_NOT_NULL_FATAL(parsed);
    json_object_update(top ? workload : main_one, parsed);
    CU_ASSERT_EQUAL(kube_render_workload(workload, &options, &objects, &warnings, why, sizeof why), -1);
    ASSERT_CONTAINS(why, wanted);
    CU_ASSERT_PTR_NULL(objects);
}

static void test_refusals(void)
{
    static const struct {
        const char *patch, *wanted;
    } cases[] = {{"{\"image\": \".\"}", "--image"},
                 {"{\"image\": \"\"}", "containers.main.image"},
                 {"{\"command\": \"sh\"}", "containers.main.command"},
                 {"{\"args\": [{\"$secret\": \"r\"}]}", "variable or a file"},
                 {"{\"args\": [\"a\\u0000b\"]}", "without NUL"},
                 {"{\"variables\": {\"A\": 1}}", "containers.main.variables.A"},
                 {"{\"variables\": {\"gr\\u00fcn\": \"x\"}}", "printable ASCII"},
                 {"{\"variables\": []}", "must be a map"},
                 {"{\"files\": [{\"target\": \"/a\", \"content\": \"x\"}]}", "must be a map"},
                 {"{\"files\": {\"etc/a\": {\"content\": \"x\"}}}", "absolute path"},
                 {"{\"files\": {\"/a/../b\": {\"content\": \"x\"}}}", "go up"},
                 {"{\"files\": {\"/a:b\": {\"content\": \"x\"}}}", "':'"},
                 {"{\"files\": {\"/a\": {\"content\": \"x\", \"binaryContent\": \"eA==\"}}}", "either"},
                 {"{\"files\": {\"/a\": {}}}", "either"},
                 {"{\"files\": {\"/a\": {\"source\": \"./a\"}}}", "was not read"},
                 {"{\"files\": {\"/a\": {\"content\": \"x\", \"mode\": \"0999\"}}}", "octal"},
                 {"{\"files\": {\"/a\": {\"content\": \"x\", \"mode\": 420}}}", "octal"},
                 {"{\"files\": {\"/a\": {\"binaryContent\": \"not base64\"}}}", "base64"},
                 {"{\"files\": {\"/a\": {\"content\": \"x\"}}, \"volumes\": {\"/a\": {\"source\": \"c\"}}}", "this target"},
                 {"{\"volumes\": {\"/a\": {}}}", "needs a source"},
                 {"{\"volumes\": {\"/a\": {\"source\": \"/etc\"}}}", "no directory that this platform"},
                 {"{\"volumes\": {\"/a\": {\"source\": \"/srv/volumes/shop/../other\"}}}", "no directory that this platform"},
                 {"{\"volumes\": {\"/a\": {\"source\": \"/srv/volumes/shopping\"}}}", "no directory that this platform"},
                 {"{\"volumes\": {\"/a\": {\"source\": \"volume.default#shop.data\"}}}", "PersistentVolumeClaim"},
                 {"{\"volumes\": {\"/a\": {\"source\": \"c\", \"path\": \"../x\"}}}", "must not go up"},
                 {"{\"before\": {\"main\": {\"ready\": \"started\"}}}", "itself"},
                 {"{\"before\": {\"other\": {\"ready\": \"started\"}}}", "no container of that name"},
                 {"{\"resources\": {\"limits\": {\"memory\": \"128MB\"}}}", "128Mi"},
                 {"{\"resources\": {\"limits\": {\"cpu\": \"1\"}, \"requests\": {\"cpu\": \"1500m\"}}}", "more than limits.cpu"},
                 {"{\"resources\": {\"limits\": {\"memory\": \"1K\"}, \"requests\": {\"memory\": \"1Ki\"}}}", "more than limits.memory"},
                 {"{\"livenessProbe\": {}}", "exec or httpGet"},
                 {"{\"livenessProbe\": {\"httpGet\": {\"path\": \"/\"}}}", "port"},
                 {"{\"readinessProbe\": {\"httpGet\": {\"path\": \"/\", \"port\": 1, \"scheme\": \"FTP\"}}}", "scheme"},
                 {"{\"readinessProbe\": {\"exec\": {\"command\": []}}}", "empty"},
                 {"{\"readinessProbe\": {\"httpGet\": {\"path\": \"/\", \"port\": 1, \"httpHeaders\": [{\"name\": \"A\", \"value\": "
                  "\"b\\r\\nC: d\"}]}}}",
                  "one line"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(cases[i].patch, false, cases[i].wanted);
}

static void test_refusals_outside_containers(void)
{
    static const struct {
        const char *patch, *wanted;
    } cases[] = {
        {"{\"metadata\": {\"name\": \"Shop\"}}", "metadata.name"},
        {"{\"metadata\": {}}", "metadata.name"},
        {"{\"containers\": {}}", "no containers"},
        {"{\"containers\": {\"a_b\": {\"image\": \"x\"}}}", "a_b"},
        {"{\"containers\": {\"ab\": 1}}", "containers.ab"},
        {"{\"containers\": {\"a1\": {\"image\": \"x\", \"before\": {\"b1\": {\"ready\": \"started\"}}}, "
         "\"b1\": {\"image\": \"x\", \"before\": {\"a1\": {\"ready\": \"complete\"}}}}}",
         "circle"},
        {"{\"containers\": {\"a1\": {\"image\": \"x\", \"before\": {\"b1\": {\"ready\": \"healthy\"}}}, \"b1\": {\"image\": \"x\"}}}",
         "needs a readinessProbe"},
        {"{\"containers\": {\"a1\": {\"image\": \"x\", \"before\": {\"b1\": {\"ready\": \"soon\"}}}, \"b1\": {\"image\": \"x\"}}}",
         "started, healthy or complete"},
        {"{\"service\": {\"ports\": {\"web\": {\"port\": 0}}}}", "service.ports.web"},
        {"{\"service\": {\"ports\": {\"web\": {\"port\": 80, \"protocol\": \"SCTP\"}}}}", "TCP or UDP"},
        {"{\"service\": {\"ports\": {\"web\": {\"port\": 80}, \"other\": {\"port\": 80}}}}", "already"},
        {"{\"service\": {\"ports\": {\"We_b\": {\"port\": 80}}}}", "We_b"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_refused(cases[i].patch, true, cases[i].wanted);
}

/* A container of the minimal workload with `count` members made by the two formats. */
static json_t *with_many(const char *section, int count, const char *key_format, json_t *value)
{
    json_t *workload = load("minimal.json"), *many = json_object();
    char key[64];

    for (int i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s%d", key_format, i);
        json_object_set(many, key, value);
    }
    json_decref(value);
    json_object_set_new(json_object_get(json_object_get(workload, "containers"), "main"), section, many);
    return workload;
}

static void expect_limit(json_t *workload, const char *wanted)
{
    CLEANUP(json_put) json_t *owned = workload, *objects = NULL, *warnings = NULL;
    char why[512] = "";
    int rc = kube_render_workload(owned, &options, &objects, &warnings, why, sizeof why);

    CU_ASSERT_EQUAL(rc, wanted ? -1 : 0);
    if (wanted)
        ASSERT_CONTAINS(why, wanted);
}

static json_t *text_of(size_t len)
{
    char *text = malloc(len + 1);
    json_t *value;

    memset(text, 'x', len);
    text[len] = '\0';
    value = json_string(text);
    free(text);
    return value;
}

static void test_limits(void)
{
    expect_limit(with_many("variables", KUBE_MAX_VARIABLES, "V", json_string("x")), NULL);
    expect_limit(with_many("variables", KUBE_MAX_VARIABLES + 1, "V", json_string("x")), "the limit is 1000");
    expect_limit(with_many("variables", 1, "V", text_of(KUBE_MAX_TEXT_BYTES - 1)), NULL);
    expect_limit(with_many("variables", 1, "V", text_of(KUBE_MAX_TEXT_BYTES)), "131071");
    expect_limit(with_many("files", KUBE_MAX_FILES + 1, "/f", json_pack("{ss}", "content", "x")), "the limit is 256");
    expect_limit(with_many("files", 2, "/f", json_pack("{so}", "content", text_of(KUBE_MAX_CONFIG_BYTES / 2))), NULL);
    expect_limit(with_many("files", 2, "/f", json_pack("{so}", "content", text_of(KUBE_MAX_CONFIG_BYTES / 2 + 1))), "image or a volume");
    expect_limit(with_many("volumes", KUBE_MAX_VOLUMES + 1, "/v", json_pack("{ss}", "source", "claim")), "the limit is 64");
}

/* Different paths never share a key, and every key is one that Kubernetes takes. */
static void test_keys(void)
{
    static const char *const paths[] = {"/a/b", "/a_b", "/a b", "/..a", "/.a", "/ä", "/a\\b", "/a.b"};
    CLEANUP(json_put) json_t *workload = load("minimal.json"), *objects = NULL, *warnings = NULL;
    json_t *files = json_object(), *data, *value;
    char why[512] = "";
    const char *key;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        json_object_set_new(files, paths[i], json_pack("{ss}", "content", paths[i]));
    json_object_set_new(json_object_get(json_object_get(workload, "containers"), "main"), "files", files);
    CU_ASSERT_EQUAL_FATAL(kube_render_workload(workload, &options, &objects, &warnings, why, sizeof why), 0);
    data = json_object_get(json_array_get(objects, 0), "data");
    CU_ASSERT_EQUAL(json_object_size(data), sizeof paths / sizeof paths[0]);
    json_object_foreach(data, key, value)
    {
        CU_ASSERT_EQUAL(strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"), strlen(key));
        CU_ASSERT(strncmp(key, "..", 2) != 0);
    }
}

static void test_labels(void)
{
    char out[64], other[64];

    kube_safe_label("shop-1", out);
    ASSERT_TEXT(out, "shop-1");
    kube_safe_label("Shop", out);
    CU_ASSERT(strncmp(out, "shop-", 5) == 0);
    kube_safe_label("shop", other);
    CU_ASSERT(strcmp(out, other) != 0);
    kube_safe_label("---", out);
    CU_ASSERT(out[0] != '-' && out[0] != '\0');
    kube_safe_label("a123456789b123456789c123456789d123456789e123456789f123456789g123456789", out);
    CU_ASSERT_EQUAL(strlen(out), 63);
}

/* ---- every place of the document with a value that does not belong there ---- */

static unsigned rendered, refused;

static void render_mutant(const json_t *workload)
{
    CLEANUP(json_put) json_t *objects = NULL, *warnings = NULL, *manifests = NULL;
    char why[512] = "";

    if (kube_render_workload(workload, &options, &objects, &warnings, why, sizeof why) < 0) {
        CU_ASSERT(why[0] != '\0');
        CU_ASSERT_PTR_NULL(objects);
        refused++;
        return;
    }
    manifests = kube_manifests(objects);
    CU_ASSERT(json_array_size(manifests) >= 1);
    rendered++;
}

static json_t *odd_value(int number)
{
    switch (number) {
    case 0:
        return json_null();
    case 1:
        return json_integer(-1);
    case 2:
        return json_real(1e300);
    case 3:
        return json_true();
    case 4:
        return json_string("");
    case 5:
        return json_string("%s%n ../../x: \xc3\xa9\n\t");
    case 6:
        return json_stringn("a\0b", 3);
    case 7:
        return json_array();
    case 8:
        return json_pack("{s{}}", "$secret");
    case 9:
        return json_pack("{ss}", "$secret", "r");
    default:
        return NULL;
    }
}

/* Puts each odd value in the place of each value below `node`, one at a time, and renders the whole. */
static void mutate_below(const json_t *whole, json_t *node)
{
    bool array = json_is_array(node);
    size_t count = array ? json_array_size(node) : json_object_size(node), at = 0;
    const char *keys[64];
    const char *key;
    json_t *value, *odd;

    json_object_foreach(node, key, value) if (at < 64) keys[at++] = key;
    for (size_t i = 0; i < count && i < 64; i++) {
        json_t *was = json_incref(array ? json_array_get(node, i) : json_object_get(node, keys[i]));

        for (int n = 0; (odd = odd_value(n)); n++) {
            if (array)
                json_array_set_new(node, i, odd);
            else
                json_object_set_new(node, keys[i], odd);
            render_mutant(whole);
        }
        if (array)
            json_array_set(node, i, was);
        else
            json_object_set(node, keys[i], was);
        mutate_below(whole, was);
        json_decref(was);
    }
}

static void test_mutants(void)
{
    CLEANUP(json_put) json_t *workload = load("everything.json");

    mutate_below(workload, workload);
    CU_ASSERT(refused > 100);
    CU_ASSERT(rendered > 100);
}

const struct test_case tests[] = {{"a value of the wrong kind anywhere is rendered or refused with a reason", test_mutants},
                                  {"every keyword of Score is rendered as the golden file says", test_everything},
                                  {"the smallest workload is rendered as the golden file says", test_minimal},
                                  {"the order of members does not change the bytes", test_deterministic},
                                  {"the YAML reads back as the same value", test_round_trip},
                                  {"texts that YAML could misread are quoted", test_tricky_texts},
                                  {"numbers, booleans and empty collections read back", test_numbers},
                                  {"a value nested too deeply is refused", test_depth},
                                  {"an opened secret stands only in the Secret, encoded", test_opened_secrets},
                                  {"what a container must not say is refused with its place", test_refusals},
                                  {"what stands outside the containers is checked too", test_refusals_outside_containers},
                                  {"every limit is held, and what is just below it passes", test_limits},
                                  {"different paths get different valid keys", test_keys},
                                  {"labels stay valid and different", test_labels},
                                  {0}};
