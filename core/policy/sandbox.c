/* The sandbox: limiting allocator, count hook, protected calls. A state belongs to one thread at a time.
 * What it withstands, and why each part is there, is the table of docs/sandbox.md; tests/sandbox has a file for each row. */
#include "base/clock.h"
#include "base/failpoint.h"
#include "base/limits.h"
#include "base/str.h"
#include "policy/sandbox_priv.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LOOK_BYTES                (256u << 10)           /* allocated between two looks at the clock */
#define INPUT_MEMORY              ((int64_t)(96u << 20)) /* what 4 MiB of JSON may grow to */
#define COMPILE_PIECE             512                    /* bytes of source between two looks at the clock */
#define BYTES_PER_INSTRUCTION     16
#define ALLOCATED_PER_INSTRUCTION 128  /* texts joined and tables grown cost too */
#define SLOW_US                   1000 /* a hundred instructions usually take some microseconds */

static void budget_hook(lua_State *L, lua_Debug *ar);

/* ---- budget ---- */

#define PREEMPTED_FACTOR 10  /* at the latest, however busy the machine is */
#define QUICK_US         200 /* most are done by then, and never ask the kernel what they used */

static int64_t thread_cpu_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return (int64_t)ts.tv_sec * US_PER_SEC + ts.tv_nsec / 1000;
}

/* The time is over; but on a busy machine it may be others who used it. What this thread did not run is given back. */
static bool really_late(struct sandbox *sb)
{
    int64_t budget = sb->limits.wall_ms * US_PER_MS, used = thread_cpu_us() - sb->cpu_start_us;

    if (used >= budget || sb->looked_us > sb->started_us + PREEMPTED_FACTOR * budget)
        return true;
    sb->deadline_us = sb->looked_us + (budget - used);
    return false;
}

static bool over_budget(struct sandbox *sb)
{
    if (sb->stop || !sb->armed)
        return sb->stop != STOP_NONE;
    if (sb->cancel && atomic_load_explicit(sb->cancel, memory_order_relaxed))
        sb->stop = STOP_CANCELED;
    else if (sb->instructions > sb->limits.instructions)
        sb->stop = STOP_INSTRUCTIONS;
    else {
        sb->looked_us = clock_mono_us();
        if (sb->cpu_start_us < 0 && sb->looked_us > sb->started_us + QUICK_US)
            sb->cpu_start_us = thread_cpu_us();
        if (sb->looked_us > sb->deadline_us && really_late(sb))
            sb->stop = STOP_WALL;
    }
    return sb->stop != STOP_NONE;
}

/* Once over budget the hook comes with every instruction, so that nothing gets anywhere. Also safe inside the allocator. */
static void arm_every_instruction(struct sandbox *sb)
{
    if (sb->L)
        lua_sethook(sb->L, budget_hook, LUA_MASKCOUNT, 1);
}

static void raise_stop(lua_State *L)
{
    struct sandbox *sb = sandbox_of(L);

    arm_every_instruction(sb);
    lua_pushlightuserdata(L, sb); /* needs no memory; sandbox_protect looks at sb->stop */
    lua_error(L);
}

void sandbox_stop_check(lua_State *L)
{
    if (sandbox_of(L)->stop)
        raise_stop(L);
}

void sandbox_charge(lua_State *L, size_t bytes)
{
    struct sandbox *sb = sandbox_of(L);
    int64_t units = (int64_t)(bytes / BYTES_PER_INSTRUCTION) + 1;

    sb->instructions += units;
    sb->uncharged += units;
    if (sb->uncharged < 1000 && sb->instructions <= sb->limits.instructions && !sb->stop)
        return;
    sb->uncharged = 0;
    if (over_budget(sb))
        raise_stop(L);
}

static void count_line(struct sandbox *sb, lua_State *L, lua_Debug *ar)
{
    struct coverage *coverage = sb->coverage;

    if (!lua_getinfo(L, "Sl", ar) || strcmp(ar->source, coverage->chunk) != 0)
        return;
    if (ar->currentline > 0 && ar->currentline < coverage->lines)
        coverage->hit[ar->currentline] = true;
}

/* Comparing, hashing and joining long texts is one instruction each and takes as long as the texts are: when a hundred instructions took
 * long, the next ones are looked at one by one. */
static void look_closely(struct sandbox *sb, int64_t elapsed_us)
{
    int mask = LUA_MASKCOUNT | (sb->coverage ? LUA_MASKLINE : 0);

    if (sb->close_looks > 0 && elapsed_us < SLOW_US) {
        if (--sb->close_looks == 0)
            lua_sethook(sb->L, budget_hook, mask, HOOK_EVERY);
    } else if (elapsed_us >= SLOW_US) {
        sb->close_looks = HOOK_EVERY;
        lua_sethook(sb->L, budget_hook, mask, 1);
    }
}

static void budget_hook(lua_State *L, lua_Debug *ar)
{
    struct sandbox *sb = sandbox_of(L);
    lua_Debug deepest;
    int64_t last;

    if (ar->event == LUA_HOOKLINE) {
        if (sb->coverage)
            count_line(sb, L, ar);
        return;
    }
    sb->instructions += sb->close_looks > 0 ? 1 : HOOK_EVERY;
    last = sb->looked_us;
    if (sb->armed && !sb->stop && lua_getstack(L, LIMIT_LUA_DEPTH, &deepest))
        sb->stop = STOP_DEPTH;
    if (over_budget(sb))
        raise_stop(L);
    look_closely(sb, sb->looked_us - last);
}

/* ---- memory ---- */

/* A second refusal of the same size means that the garbage collection in between did not help: the script is out of memory for good. */
static void *refuse(struct sandbox *sb, size_t bytes)
{
    if (sb->refused == bytes && !sb->stop && sb->armed) {
        sb->stop = STOP_MEMORY;
        arm_every_instruction(sb);
    }
    sb->refused = bytes;
    if (over_budget(sb)) /* emergency collections take time too */
        arm_every_instruction(sb);
    return NULL;
}

static bool fits(const struct sandbox *sb, bool is_text, size_t bytes, size_t growth)
{
    if (sb->filling)
        return sb->given + (int64_t)growth <= INPUT_MEMORY + sb->limits.bytes;
    if (!sb->armed)
        return true;
    if (bytes > (size_t)sb->limits.bytes / 4 || (is_text && bytes > sandbox_text_cap(sb)))
        return false;
    return sb->used - sb->given + (int64_t)growth <= sb->limits.bytes;
}

static void meter(struct sandbox *sb, size_t bytes)
{
    sb->instructions += (int64_t)(bytes / ALLOCATED_PER_INSTRUCTION);
    sb->since_look += bytes;
    if (sb->since_look <= LOOK_BYTES)
        return;
    sb->since_look = 0;
    if (over_budget(sb))
        arm_every_instruction(sb);
}

/* Memory without limits; `bytes` 0 frees. */
static void *resize(struct sandbox *sb, void *old, size_t had, size_t bytes)
{
    if (sb->heap)
        return heap_resize(sb->heap, old, had, bytes);
    if (bytes)
        return realloc(old, bytes);
    free(old);
    return NULL;
}

static void *limited_alloc(void *ctx, void *old, size_t old_bytes, size_t bytes)
{
    struct sandbox *sb = ctx;
    size_t had = old ? old_bytes : 0;
    void *p;

    if (bytes == 0) {
        resize(sb, old, had, 0);
        sb->used -= (int64_t)had;
        if (sb->filling)
            sb->given -= (int64_t)had;
        return NULL;
    }
    if (bytes > had && !fits(sb, !old && old_bytes == LUA_TSTRING, bytes, bytes - had))
        return refuse(sb, bytes);
    p = failpoint("policy.alloc") ? NULL : resize(sb, old, had, bytes);
    if (!p)
        return bytes > had ? refuse(sb, bytes) : old;
    sb->used += (int64_t)bytes - (int64_t)had;
    if (sb->filling)
        sb->given += (int64_t)bytes - (int64_t)had;
    if (bytes > had) {
        sb->refused = 0;
        if (!sb->filling)
            meter(sb, bytes);
    }
    return p;
}

size_t sandbox_text_cap(const struct sandbox *sb) { return (size_t)sb->limits.bytes / 16; }

/* ---- input ---- */

void sandbox_fill_begin(struct sandbox *sb, bool large)
{
    sb->filling = true;
    sb->filling_since = large ? clock_mono_us() : 0;
}

void sandbox_fill_end(struct sandbox *sb)
{
    sb->filling = false;
    if (sb->filling_since)
        sb->deadline_us += clock_mono_us() - sb->filling_since;
}

void sandbox_count_input(lua_State *L, size_t bytes)
{
    struct sandbox *sb = sandbox_of(L);

    sb->input_bytes += (int64_t)bytes;
    if (sb->input_bytes > (int64_t)LIMIT_LUA_INPUT_BYTES) {
        sb->stop = STOP_INPUT;
        raise_stop(L);
    }
}

/* ---- states ---- */

struct policy_limits sandbox_limits(const struct policy_limits *limits, enum sandbox_profile profile)
{
    bool script = profile == SANDBOX_SCRIPT;
    struct policy_limits all = {
        script ? LIMIT_LUA_STEP_WALL_MS : LIMIT_LUA_WALL_MS,
        script ? LIMIT_LUA_STEP_INSTRUCTIONS : LIMIT_LUA_INSTRUCTIONS,
        script ? (int64_t)LIMIT_LUA_STEP_BYTES : (int64_t)LIMIT_LUA_BYTES,
    };

    if (limits && limits->wall_ms > 0)
        all.wall_ms = limits->wall_ms;
    if (limits && limits->instructions > 0)
        all.instructions = limits->instructions;
    if (limits && limits->bytes > 0)
        all.bytes = limits->bytes;
    if (all.bytes < (int64_t)LIMIT_LUA_LEAST_BYTES)
        all.bytes = (int64_t)LIMIT_LUA_LEAST_BYTES;
    return all;
}

static int install(lua_State *L)
{
    env_install(L);
    return 0;
}

int sandbox_open(struct sandbox *sb, struct heap *heap, const struct policy_limits *limits, enum sandbox_profile profile, struct err *err)
{
    memset(sb, 0, sizeof *sb);
    sb->heap = heap;
    sb->profile = profile;
    sb->limits = sandbox_limits(limits, profile);
    sb->L = lua_newstate(limited_alloc, sb);
    if (!sb->L)
        return err_set(err, ERR_NO_MEMORY, "no memory for a Lua state");
    *(struct sandbox **)lua_getextraspace(sb->L) = sb;
    if (profile == SANDBOX_CONDITION || heap) /* short-lived: garbage goes with the state, or when the image is put back */
        lua_gc(sb->L, LUA_GCSTOP);
    if (sandbox_protect(sb, install, NULL, ERR_INTERNAL, err) < 0) {
        sandbox_close(sb);
        return -1;
    }
    return 0;
}

void sandbox_close(struct sandbox *sb)
{
    if (!sb->L)
        return;
    sandbox_drop_encoding(sb);
    sb->armed = false;
    lua_sethook(sb->L, NULL, 0, 0);
    lua_close(sb->L); /* no script can have a finalizer: there is no setmetatable */
    sb->L = NULL;
}

void sandbox_restore(struct sandbox *sb, const struct sandbox *saved)
{
    sandbox_drop_encoding(sb);
    heap_restore(sb->heap);
    *sb = *saved;
}

void sandbox_drop_encoding(struct sandbox *sb)
{
    json_put(&sb->encoding);
    free(sb->encoded);
    sb->encoded = NULL;
}

void sandbox_start(struct sandbox *sb)
{
    sb->instructions = sb->uncharged = sb->input_bytes = sb->line_bytes = 0;
    sb->refused = sb->since_look = 0;
    sb->stop = STOP_NONE;
    sb->given = sb->used;
    sb->close_looks = 0;
    sb->looked_us = sb->started_us = clock_mono_us();
    sb->cpu_start_us = -1;
    sb->deadline_us = sb->looked_us + sb->limits.wall_ms * US_PER_MS;
    sb->armed = true;
    lua_sethook(sb->L, budget_hook, LUA_MASKCOUNT | (sb->coverage ? LUA_MASKLINE : 0), HOOK_EVERY);
}

/* ---- protected calls ---- */

static int describe_stop(const struct sandbox *sb, struct err *err)
{
    const struct policy_limits *limits = &sb->limits;

    switch (sb->stop) {
    case STOP_WALL:
        return err_set(err, ERR_POLICY_BUDGET, "over budget: it ran longer than %lld ms", (long long)limits->wall_ms);
    case STOP_INSTRUCTIONS:
        return err_set(err, ERR_POLICY_BUDGET, "over budget: more than %lld instructions", (long long)limits->instructions);
    case STOP_MEMORY:
        return err_set(err, ERR_POLICY_BUDGET, "over budget: more than %lld KiB of memory (%lld KiB in one value, %zu KiB in one text)",
                       (long long)(limits->bytes / 1024), (long long)(limits->bytes / 4096), sandbox_text_cap(sb) / 1024);
    case STOP_DEPTH:
        return err_set(err, ERR_POLICY_BUDGET, "over budget: calls nested deeper than %d", LIMIT_LUA_DEPTH);
    case STOP_CANCELED:
        return err_set(err, ERR_CANCELED, "canceled while running");
    case STOP_INPUT:
        return err_set(err, ERR_LIMIT, "the input is larger than %u KiB", LIMIT_LUA_INPUT_BYTES / 1024);
    case STOP_NONE:
        break;
    }
    return err_set(err, ERR_INTERNAL, "stopped without a reason");
}

/* What went wrong, from the error value on top of the stack, which may be anything. */
static int describe_error(struct sandbox *sb, enum err_code failed, struct err *err)
{
    char text[480];
    size_t len = 0, kept = 0;
    const char *message = lua_type(sb->L, -1) == LUA_TSTRING ? lua_tolstring(sb->L, -1, &len) : NULL;

    if (!message)
        return err_set(err, failed, "the error is a %s value, not a text", lua_typename(sb->L, lua_type(sb->L, -1)));
    for (size_t i = 0; i < len && kept < sizeof text - 1; i++)
        text[kept++] = (unsigned char)message[i] < 0x20 || message[i] == 0x7f ? ' ' : message[i];
    while (kept && !str_is_utf8(text, kept)) /* cut or never well-formed: only whole characters are shown */
        kept--;
    text[kept] = '\0';
    return err_set(err, failed, "%s", kept || !len ? text : "the error is not a UTF-8 text");
}

int sandbox_protect(struct sandbox *sb, lua_CFunction body, void *arg, enum err_code failed, struct err *err)
{
    lua_State *L = sb->L;
    int base = lua_gettop(L), status;

    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, arg);
    status = lua_pcall(L, 1, 0, 0);
    sb->filling = false;
    if (status == LUA_ERRMEM && !sb->stop)
        sb->stop = STOP_MEMORY;
    if (status == LUA_OK && !sb->stop)
        return 0;
    if (sb->stop)
        describe_stop(sb, err);
    else
        describe_error(sb, failed, err);
    lua_settop(L, base);
    return -1;
}

/* ---- compiling ---- */

struct source {
    const char *text;
    size_t left;
};

/* The compiler is C code that no hook interrupts, so it gets its source in small pieces, and each is charged. */
static const char *next_piece(lua_State *L, void *ctx, size_t *out_len)
{
    struct source *source = ctx;
    const char *piece = source->text;
    size_t len = source->left < COMPILE_PIECE ? source->left : COMPILE_PIECE;

    sandbox_charge(L, len * 4);
    if (sandbox_of(L)->armed && over_budget(sandbox_of(L)))
        raise_stop(L);
    source->text += len;
    source->left -= len;
    *out_len = len;
    return len ? piece : NULL;
}

void sandbox_compile(lua_State *L, const char *text, size_t len, const char *name)
{
    struct source source = {text, len};

    if (lua_load(L, next_piece, &source, name, "t") != LUA_OK)
        lua_error(L);
    env_push(L);
    lua_setupvalue(L, -2, 1); /* _ENV is the only upvalue of a chunk */
}
