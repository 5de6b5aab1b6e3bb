/* What a parsed Score file holds: fields, the normalised spec, files, placeholders at run time; limits and garbage. */
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "score/score.h"
#include "test.h"
#include <string.h>

#define HEAD "apiVersion: score.dev/v1b1\nmetadata: {name: shop}\n"

static struct arena arena;
static struct diag_list diags;

static struct score *parse_with(const char *text, size_t len, const struct score_options *options)
{
    struct score *score = NULL;
    int rc;

    arena_fini(&arena);
    diags = diag_list_make(&arena, "app.yaml");
    rc = score_parse(text, len, options, &arena, &diags, &score);
    CU_ASSERT_EQUAL(rc == 0, score != NULL);
    CU_ASSERT_EQUAL(rc == 0, diags.errors == 0);
    return score;
}

static struct score *parse(const char *text) { return parse_with(text, strlen(text), NULL); }

static void spec_is(const struct score *score, const char *path, const char *wanted)
{
    CLEANUP(free_ptr) char *text = json_canonical(json_at(score->spec, path));

    ASSERT_TEXT(text, wanted);
}

static void test_fields(void)
{
    CLEANUP(score_put)
    struct score *s =
        parse("apiVersion: score.dev/v1b1\n"
              "metadata: {name: web, application: shop, product: ecommerce, team: checkout, costCenter: 'x1'}\n"
              "containers:\n  main: {image: ., before: {init: {ready: complete}}}\n  init: {image: i}\n"
              "environment: {type: staging, ttl: 24h}\n"
              "workflows: {smoke: {steps: []}}\n"
              "resources:\n"
              "  route: {type: dns, params: {host: '${resources.db.host}', again: ['${resources.db.x}', '${resources.cache.y}']}}\n"
              "  db: {type: postgres, class: large, metadata: {annotations: {innominatus.dev/protect: 'true'}}}\n"
              "  cache: {type: redis, id: shared.cache}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    ASSERT_TEXT(s->name, "web");
    ASSERT_TEXT(s->application, "shop");
    ASSERT_TEXT(s->product, "ecommerce");
    ASSERT_TEXT(s->team, "checkout");
    ASSERT_TEXT(s->cost_center, "x1");
    ASSERT_TEXT(s->environment_type, "staging");
    ASSERT_TEXT(s->environment_ttl, "24h");
    CU_ASSERT_EQUAL(json_object_size(s->workflows), 1);
    CU_ASSERT_EQUAL(s->container_count, 2);
    ASSERT_TEXT(s->containers[0].name, "main");
    ASSERT_TEXT(s->containers[0].image, ".");
    ASSERT_TEXT(s->start_order[0], "init");
    ASSERT_TEXT(s->start_order[1], "main");
    CU_ASSERT_EQUAL_FATAL(s->resource_count, 3);
    ASSERT_TEXT(s->resources[0].uid, "dns.default#web.route");
    CU_ASSERT_EQUAL(s->resources[0].depends_count, 2);
    ASSERT_TEXT(s->resources[0].depends_on[0], "db");
    ASSERT_TEXT(s->resources[0].depends_on[1], "cache");
    CU_ASSERT_EQUAL(s->resources[1].line, 10);
    ASSERT_TEXT(s->resources[1].uid, "postgres.large#web.db");
    ASSERT_TEXT(json_str(s->resources[1].annotations, "innominatus.dev/protect"), "true");
    CU_ASSERT(json_is_object(s->resources[1].params) && json_object_size(s->resources[1].params) == 0);
    ASSERT_TEXT(s->resources[2].uid, "redis.default#shared.cache");
    CU_ASSERT_PTR_EQUAL(score_find_resource(s, "cache"), &s->resources[2]);
    CU_ASSERT_PTR_NULL(score_find_resource(s, "nothing"));
}

static void test_normalised(void)
{
    CLEANUP(score_put)
    struct score *s = parse(HEAD "service: {ports: {web: {port: 80.0}}}\n"
                                 "containers:\n  main:\n    image: x\n"
                                 "    files:\n    - {target: /a, content: 'x', mode: '600'}\n    - {target: /b/c.d, source: ./f}\n"
                                 "    volumes: [{target: /v, source: v, read_only: true}]\n"
                                 "resources: {db: {type: sqlite, properties: {size: 1}}, other: {type: dns}}\n");

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(diags.warnings, 4);
    spec_is(s, "containers.main.files", "{\"/a\":{\"content\":\"x\",\"mode\":\"600\"},\"/b/c.d\":{\"source\":\"./f\"}}");
    spec_is(s, "containers.main.volumes", "{\"/v\":{\"readOnly\":true,\"source\":\"v\"}}");
    spec_is(s, "resources", "{\"db\":{\"params\":{\"size\":1},\"type\":\"sqlite\"},\"other\":{\"params\":{},\"type\":\"dns\"}}");
    spec_is(s, "service.ports.web.port", "80");
    ASSERT_TEXT(s->application, "shop");
    /* The normalised spec is a valid file itself, and normal already. */
    CLEANUP(json_put) json_t *spec = json_incref(s->spec);
    CLEANUP(score_put) struct score *again = NULL;
    struct diag_list more = diag_list_make(&arena, NULL);
    CU_ASSERT_EQUAL(score_parse_json(spec, &(struct score_options){.strict = true}, &arena, &more, &again), 0);
    CU_ASSERT_EQUAL(more.count, 0);
    CU_ASSERT_TRUE(again && json_equal(spec, again->spec));
}

static void test_journey(void)
{
    static const char text[] =
        "apiVersion: score.dev/v1b1\nmetadata:\n  name: shop\n\n\n\nconatiners:\n  web:\n   image: x\n\n\n   resources:\n    limits:\n"
        "      memory: 128MB\n   variables:\n\n\n\n\n\n"
        "      URL:  ${resources.database.host}\nresources: {db: {type: postgres}, cache: {type: redis}}\n";

    CU_ASSERT_PTR_NULL(parse(text));
    ASSERT_TEXT(diag_render(&diags, text, false, &arena),
                "app.yaml:7:1: error[ORC-1003]: unknown field \"conatiners\"\n"
                "   7 | conatiners:\n"
                "     | ^^^^^^^^^^ help: did you mean \"containers\"?\n"
                "app.yaml:14:15: error[ORC-1011]: memory \"128MB\" is no quantity\n"
                "  14 |       memory: 128MB\n"
                "     |               ^^^^^ help: write 128M (megabytes) or 128Mi (mebibytes)\n"
                "app.yaml:21:13: error[ORC-1020]: ${resources.database.host}: no resource \"database\"\n"
                "     | help: resources here: db, cache\n");
    CU_ASSERT_EQUAL(diags.errors, 3);
}

static void test_json_input(void)
{
    CLEANUP(json_put)
    json_t *spec = json_pack("{s:s,s:{s:s},s:{s:{s:s,s:{s:s}}}}", "apiVersion", "score.dev/v1b1", "metadata", "name", "x", "containers",
                             "main", "image", "x", "variables", "A", "${resources.db.x}");
    struct score *s = NULL;

    arena_fini(&arena);
    diags = diag_list_make(&arena, NULL);
    CU_ASSERT_EQUAL(score_parse_json(spec, NULL, &arena, &diags, &s), -1);
    CU_ASSERT_EQUAL_FATAL(diags.errors, 2);
    ASSERT_TEXT(diags.items[0].path, "/metadata/name");
    ASSERT_TEXT(diags.items[1].path, "/containers/main/variables/A");
    CU_ASSERT_EQUAL(diags.items[1].line, 0);
    CLEANUP(json_put) json_t *deep = json_string("x");
    for (int i = 0; i < 5000; i++)
        deep = json_pack("{s:o}", "a", deep);
    CU_ASSERT_EQUAL(score_parse_json(deep, NULL, &arena, &diags, &s), -1);
    CU_ASSERT_PTR_NULL(s);
}

/* ---- files ---- */

#define FILES_TEXT                                                                                                                         \
    HEAD "containers:\n  main:\n    image: x\n    files:\n      /a: {source: ./conf//a.ini}\n      /b: {source: b.bin}\n"                  \
         "      /c: {source: c.sh, noExpand: true}\n      /d: {source: conf/../conf/a.ini}\n"                                              \
         "resources:\n  db: {type: sqlite, params: {schema: sql/schema.sql, migrations: ./db/migrations}}\n"                               \
         "  inline: {type: sqlite, params: {schema: CREATE TABLE t (a int), migrations: auto}}\n"

static const struct score_file uploaded[] = {
    {"conf/a.ini", "name=${metadata.name}\n", 22},
    {"b.bin", "\xff\0x", 3},
    {"./c.sh", "echo ${HOME}\n", 13},
    {"sql/schema.sql", "DO $$ x ${y} $1 $$;", 19},
    {"db/migrations/002.sql", "two", 3},
    {"db/migrations/001.sql", "one", 3},
    {"db/migrations/sub/003.sql", "not directly in it", 18},
    {"../outside", "x", 1},
};

static void test_collect(void)
{
    struct score_wanted *wanted = NULL;
    size_t count;

    arena_fini(&arena);
    count = score_collect_files_text(FILES_TEXT, strlen(FILES_TEXT), &arena, &wanted);
    CU_ASSERT_EQUAL_FATAL(count, 6);
    ASSERT_TEXT(wanted[0].path, "conf/a.ini");
    CU_ASSERT_TRUE(wanted[0].required && !wanted[0].directory);
    CU_ASSERT_EQUAL(wanted[0].line, 7);
    ASSERT_TEXT(wanted[3].path, "sql/schema.sql");
    ASSERT_TEXT(wanted[4].path, "db/migrations");
    CU_ASSERT_TRUE(wanted[4].directory && wanted[4].required);
    ASSERT_TEXT(wanted[5].path, "auto");
    CU_ASSERT_TRUE(wanted[5].directory && !wanted[5].required);
    CU_ASSERT_EQUAL(score_collect_files_text("a: [", 4, &arena, &wanted), 0);
    CU_ASSERT_EQUAL(score_collect_files_text("containers: {a: {files: [{source: /x}, {source: ../y}, {source: 5}]}}", 68, &arena, &wanted),
                    0);
}

static int no_output(void *ctx, const struct score_resource *resource, const char *const *keys, size_t count, json_t **out, struct err *err)
{
    (void)ctx;
    (void)keys;
    (void)count;
    (void)out;
    return err_set(err, ERR_PLACEHOLDER, "%s has no outputs", resource->name);
}

static void test_uploaded(void)
{
    struct score_files files = {uploaded, sizeof uploaded / sizeof uploaded[0]};
    struct score_options options = {.files = &files};
    struct score_resolver resolver = {no_output, NULL};
    CLEANUP(score_put) struct score *s = parse_with(FILES_TEXT, strlen(FILES_TEXT), &options);
    CLEANUP(json_put) json_t *workload = NULL, *params = NULL;
    struct err err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(diags.warnings, 1); /* "auto" may be a word, or a directory that was forgotten */
    CU_ASSERT_PTR_NOT_NULL(strstr(diags.items[0].message, "\"auto\""));
    spec_is(s, "containers.main.files./a", "{\"content\":\"name=${metadata.name}\\n\"}");
    spec_is(s, "containers.main.files./b", "{\"binaryContent\":\"/wB4\"}");
    spec_is(s, "containers.main.files./c", "{\"content\":\"echo ${HOME}\\n\",\"noExpand\":true}");
    spec_is(s, "resources.db.params.migrations", "[{\"content\":\"one\",\"path\":\"001.sql\"},{\"content\":\"two\",\"path\":\"002.sql\"}]");
    spec_is(s, "resources.inline.params", "{\"migrations\":\"auto\",\"schema\":\"CREATE TABLE t (a int)\"}");
    ASSERT_OK(score_resolve_placeholders(s, NULL, &resolver, &workload, &err), err);
    ASSERT_TEXT(json_str(json_object_get(json_at(workload, "containers.main.files"), "/a"), "content"), "name=shop\n");
    CU_ASSERT_TRUE(json_flag(json_object_get(json_at(workload, "containers.main.files"), "/a"), "noExpand", false));
    ASSERT_TEXT(json_str(json_object_get(json_at(workload, "containers.main.files"), "/c"), "content"), "echo ${HOME}\n");
    /* A SQL file's dollars survive the expansion of params. */
    ASSERT_OK(score_resolve_placeholders(s, "db", &resolver, &params, &err), err);
    ASSERT_TEXT(json_str(params, "schema"), "DO $$ x ${y} $1 $$;");
    ASSERT_TEXT(json_str(score_find_resource(s, "db")->params, "schema"), "DO $$$ x $${y} $1 $$$;");
}

static void test_uploaded_problems(void)
{
    static const char text[] =
        HEAD "containers:\n  main:\n    image: x\n    files:\n      /a: {source: a.txt}\n      /b: {source: gone.txt}\n"
             "resources:\n  db: {type: sqlite, params: {schema: bin.sql, migrations: m/none}}\n";
    static const struct score_file items[] = {{"a.txt", "fine\n\xc3\xa4 ${nope} ${resources.nope.x}", 35}, {"bin.sql", "\xff", 1}};
    struct score_files files = {items, 2}, none = {NULL, 0};
    struct score_options options = {.files = &files};

    CU_ASSERT_PTR_NULL(parse_with(text, strlen(text), &options));
    CU_ASSERT_EQUAL_FATAL(diags.count, 5);
    ASSERT_TEXT(diags.items[0].file, "a.txt");
    CU_ASSERT(diags.items[0].line == 2 && diags.items[0].column == 3);
    ASSERT_TEXT(diags.items[0].path, "/containers/main/files/~1a/source");
    CU_ASSERT_EQUAL(diags.items[1].code, ERR_UNKNOWN_RESOURCE);
    ASSERT_CONTAINS(diags.items[2].message, "\"gone.txt\" was not sent");
    CU_ASSERT_EQUAL(diags.items[2].line, 8);
    ASSERT_CONTAINS(diags.items[3].message, "is not a text");
    ASSERT_CONTAINS(diags.items[4].message, "has no files");
    ASSERT_CONTAINS(diag_render(&diags, text, false, &arena), "a.txt:2:3: error[ORC-1021]: ${nope}");
    options.files = &none;
    CU_ASSERT_PTR_NULL(parse_with(FILES_TEXT, strlen(FILES_TEXT), &options));
    CU_ASSERT_EQUAL(diags.errors, 6);
    CLEANUP(free_ptr) struct score_file *many = mem_array(LIMIT_UPLOAD_FILES + 1, sizeof *many);
    for (size_t i = 0; i <= LIMIT_UPLOAD_FILES; i++)
        many[i] = (struct score_file){"x", "", 0};
    options.files = &(struct score_files){many, LIMIT_UPLOAD_FILES + 1};
    CU_ASSERT_PTR_NULL(parse_with(HEAD "containers: {m1: {image: x}}", strlen(HEAD "containers: {m1: {image: x}}"), &options));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
}

/* ---- placeholders at run time ---- */

static int outputs(void *ctx, const struct score_resource *resource, const char *const *keys, size_t count, json_t **out, struct err *err)
{
    const json_t *value = json_object_get(ctx, resource->name);

    for (size_t i = 0; i < count && value; i++)
        value = json_object_get(value, keys[i]);
    if (!value)
        return err_set(err, ERR_PLACEHOLDER, "resource \"%s\" has no output \"%s\"", resource->name, keys[0]);
    *out = json_incref((json_t *)(uintptr_t)value);
    return 0;
}

static void test_resolve(void)
{
    CLEANUP(score_put)
    struct score *s =
        parse("apiVersion: score.dev/v1b1\nmetadata: {name: shop, annotations: {key.com/foo: note}, size: 3}\n"
              "containers:\n  main:\n    image: x\n    command: ['${resources.db.host}']\n    variables:\n"
              "      DSN: postgres://u$$x:${resources.db.password}@${resources.db.host}:${resources.db.port}\n      PW: "
              "${resources.db.password}\n"
              "      NOTE: ${metadata.annotations.key\\.com/foo} ${metadata.size} $$${metadata.name}\n      OBJ: ${resources.db.extra}\n"
              "      DEEP: ${resources.db.extra.a}\n"
              "    files: {/f: {content: '${resources.db.host}'}, /r: {content: '${x}', noExpand: true}, /b: {binaryContent: ''}}\n"
              "    volumes: {/v: {source: '${resources.data}'}}\n"
              "resources:\n  db: {type: postgres}\n  data: {type: volume, params: {list: ['${resources.db.port}', 5, {k: "
              "'${resources.db}'}]}}\n");
    CLEANUP(json_put)
    json_t *scope = json_pack("{s:{s:s,s:i,s:o,s:{s:i}}}", "db", "host", "h", "port", 5432, "password",
                              json_secret_new("resource:r-1#password"), "extra", "a", 1);
    struct score_resolver resolver = {outputs, scope};
    CLEANUP(json_put) json_t *out = NULL, *params = NULL;
    struct err err = {0};

    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    ASSERT_OK(score_resolve_placeholders(s, NULL, &resolver, &out, &err), err);
    json_t *variables = json_at(out, "containers.main.variables");
    ASSERT_TEXT(json_secret_ref(json_object_get(variables, "DSN")), "template:postgres://u$$x:${resource:r-1#password}@h:5432");
    ASSERT_TEXT(json_secret_ref(json_object_get(variables, "PW")), "resource:r-1#password");
    ASSERT_TEXT(json_str(variables, "NOTE"), "note 3 $shop");
    ASSERT_TEXT(json_str(variables, "OBJ"), "{\"a\":1}");
    ASSERT_TEXT(json_str(variables, "DEEP"), "1");
    ASSERT_TEXT(json_string_value(json_at(out, "containers.main.command.0")), "${resources.db.host}");
    ASSERT_TEXT(json_string_value(json_at(out, "containers.main.files./f.content")), "h");
    ASSERT_TEXT(json_string_value(json_at(out, "containers.main.files./r.content")), "${x}");
    ASSERT_TEXT(json_string_value(json_at(out, "containers.main.volumes./v.source")), "volume.default#shop.data");
    ASSERT_OK(score_resolve_placeholders(s, "data", &resolver, &params, &err), err);
    CLEANUP(free_ptr) char *text = json_canonical(params);
    ASSERT_TEXT(text, "{\"list\":[\"5432\",5,{\"k\":\"postgres.default#shop.db\"}]}");
    ASSERT_TEXT(json_string_value(json_at(s->spec, "containers.main.files./f.content")), "${resources.db.host}");
    json_object_del(json_object_get(scope, "db"), "port");
    ASSERT_FAILS(score_resolve_placeholders(s, NULL, &resolver, &params, &err), err, ERR_PLACEHOLDER);
    ASSERT_CONTAINS(err.msg, "containers.main.variables.DSN: resource \"db\" has no output \"port\"");
    ASSERT_FAILS(score_resolve_placeholders(s, "nobody", &resolver, &params, &err), err, ERR_NOT_FOUND);
}

/* ---- limits and garbage ---- */

static void test_sizes(void)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(8 << 20);

    buf_add_text(&text, HEAD "containers: {main: {image: x, variables: {A: '");
    while (text.len < LIMIT_SCORE_BYTES - 10)
        buf_add_text(&text, "${x}");
    buf_add_text(&text, "'}}}");
    CU_ASSERT_PTR_NULL(parse_with(buf_text(&text), text.len, NULL));
    CU_ASSERT(diags.truncated && diags.errors > 200000 && diags.count == LIMIT_DIAGS);
    buf_add_text(&text, "            ");
    CU_ASSERT_PTR_NULL(parse_with(buf_text(&text), text.len, NULL));
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_LIMIT);
}

static void test_long_chains(void)
{
    CLEANUP(buf_fini) struct buf text = BUF_INIT(8 << 20);
    const int count = 12000;

    buf_add_text(&text, HEAD "containers: {main: {image: x}}\nresources:\n");
    for (int i = 0; i < count - 1; i++)
        buf_printf(&text, " r%d: {type: aa, params: {p: '${resources.r%d.x}'}}\n", i, i + 1);
    buf_printf(&text, " r%d: {type: aa}\n", count - 1);
    CLEANUP(score_put) struct score *s = parse(buf_text(&text));
    CU_ASSERT_PTR_NOT_NULL_FATAL(s);
    CU_ASSERT_EQUAL(s->resource_count, (size_t)count);
    CU_ASSERT_PTR_EQUAL(score_find_resource(s, "r11999"), &s->resources[count - 1]);
    score_put(&s);
    s = NULL;
    text.len -= strlen(" r11999: {type: aa}\n");
    buf_add_text(&text, " r11999: {type: aa, params: {p: '${resources.r0.x}'}}\n");
    CU_ASSERT_PTR_NULL(parse(buf_text(&text)));
    CU_ASSERT_EQUAL(diags.errors, 1);
    CU_ASSERT_EQUAL(diags.items[0].code, ERR_CYCLE);
    ASSERT_CONTAINS(diags.items[0].message, "r0 -> r1 -> ");
}

static void test_hostile_bytes(void)
{
    static const char *const hostile[] = {
        "",
        "\xff\xfe",
        "a: &a [*a]",
        "[[[[[[",
        "\xef\xbb\xbf",
        "- - -",
        "containers: [1]\nresources: [a]\nmetadata: 5\nservice: x",
        "containers: {a: {files: x, volumes: 5, variables: [a], before: [b]}}\nresources: {a: {params: [x]}, b: 5}",
        "? ? ?",
        "containers: {ab: 5}\nresources: 7",
        "metadata: {name: ${name}}",
        NULL};

    for (size_t i = 0; hostile[i]; i++)
        CU_ASSERT_PTR_NULL(parse(hostile[i]));
    CU_ASSERT_PTR_NULL(parse_with("a\0b", 3, NULL));
}

/* A good file with pieces overwritten, doubled and cut by a fixed generator. */
static void test_mutations(void)
{
    CLEANUP(free_ptr) char *good = NULL;
    CLEANUP(free_ptr) char *text = NULL;
    struct err err = {0};
    unsigned seed = 7;
    size_t len = 0, accepted = 0;

    ASSERT_OK(io_read_file("tests/unit/score/valid/everything.yaml", 1 << 20, &good, &len, &err), err);
    text = mem_alloc(len + 1);
    for (int round = 0; round < 1000; round++) {
        memcpy(text, good, len);
        for (int change = 0; change < 1 + round % 5; change++) {
            size_t from, to, many;

            seed = seed * 1103515245u + 12345u;
            from = (seed >> 8) % len;
            seed = seed * 1103515245u + 12345u;
            to = (seed >> 8) % len;
            many = (seed >> 4) % 12;
            if (from + many < len && to + many < len)
                memmove(text + to, text + from, many);
            if (round % 7 == 0)
                text[to] = (char)seed;
        }
        struct score *s = parse_with(text, len, NULL);
        accepted += s != NULL;
        score_free(s);
    }
    CU_ASSERT(accepted > 0 && accepted < 1000);
    arena_fini(&arena);
}

static void test_schema(void)
{
    CLEANUP(json_put) json_t *schema = score_json_schema();

    ASSERT_TEXT(json_string_value(json_at(schema, "properties.apiVersion.enum.0")), "score.dev/v1b1");
    CU_ASSERT_EQUAL(json_integer_value(json_at(schema, "properties.service.properties.ports.additionalProperties.properties.port.maximum")),
                    65535);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(schema, "required")), 3);
    arena_fini(&arena);
}

const struct test_case tests[] = {
    {"a parsed file has its fields, resources with uids and what they depend on", test_fields},
    {"the normalised spec has one form for everything, and is valid itself", test_normalised},
    {"three typos give exactly the three errors of the documentation", test_journey},
    {"a JSON object is checked the same way, without lines", test_json_input},
    {"the files that a Score file names are collected once, those outside are not", test_collect},
    {"uploaded files become content, base64, SQL or a list of migrations", test_uploaded},
    {"missing, broken and too many uploaded files are errors with their place", test_uploaded_problems},
    {"placeholders are expanded where Score says, secrets stay references", test_resolve},
    {"a file beyond its limit is refused, a million bad placeholders are only counted", test_sizes},
    {"chains and cycles of 12,000 resources are walked without recursion", test_long_chains},
    {"hostile documents are refused", test_hostile_bytes},
    {"mutated files are accepted or refused, never worse", test_mutations},
    {"the tables give a JSON Schema", test_schema},
    {0},
};
