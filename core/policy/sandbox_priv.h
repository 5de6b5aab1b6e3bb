/* One Lua state with a budget (docs/sandbox.md). Everything that touches Lua runs inside sandbox_protect(); nothing raises outside of it.
 * A sandbox belongs to one thread at a time. */
#pragma once
#include "policy/heap_priv.h"
#include "policy/policy.h"
#include <lauxlib.h>
#include <lua.h>

#define HOOK_EVERY 100 /* instructions between two looks at the clock */

/* Why an evaluation was stopped. Sticky: no pcall gets past it. */
enum sandbox_stop { STOP_NONE, STOP_WALL, STOP_INSTRUCTIONS, STOP_MEMORY, STOP_DEPTH, STOP_CANCELED, STOP_INPUT };

enum sandbox_profile {
    SANDBOX_CONDITION, /* nil may be indexed; members of the scope are globals; never collects garbage */
    SANDBOX_SCRIPT,    /* members of the scope are globals; print() */
    SANDBOX_POLICY,    /* kept between evaluations; the input is read-only */
};

/* Fixed places in the registry. */
enum {
    REG_BASE = 16,   /* what _ENV falls back to: library and scope */
    REG_ENV_META,    /* metatable of every _ENV */
    REG_SECRET_META, /* metatable of secrets */
    REG_LIST_META,   /* marks tables that came from JSON lists, so that an empty one goes back as [] */
    REG_INPUT,       /* the input of this evaluation */
    REG_SHELLS,      /* tables that wait for a value (frozen.c) */
    REG_CHUNKS = 64, /* compiled policy files from here */
};

/* Lines run, for `policy test --coverage`. */
struct coverage {
    bool *active, *hit; /* by line, `lines` of each */
    int lines;
    const char *chunk; /* only functions of this chunk count */
};

struct sandbox {
    lua_State *L;
    enum sandbox_profile profile;
    struct policy_limits limits; /* complete: no zeros */
    int64_t started_us;          /* monotonic */
    int64_t cpu_start_us;        /* of this thread, when it was first looked at; -1: not yet */
    int64_t deadline_us;         /* monotonic; moved when the thread was not running */
    int64_t instructions;        /* used, with those charged by library functions */
    int64_t looked_us;           /* when the clock was looked at last */
    int close_looks;             /* instructions still looked at one by one */
    int64_t uncharged;           /* since the last look at the clock */
    enum sandbox_stop stop;
    bool armed;

    int64_t used;        /* bytes of the state */
    int64_t given;       /* of these not the script's: state, library, compiled chunks, input */
    size_t refused;      /* size of the last refused allocation */
    size_t since_look;   /* bytes allocated since the last look at the clock */
    int64_t input_bytes; /* of JSON handed in */
    bool filling;        /* an input is being handed in: neither its time nor its memory is the script's */
    int64_t filling_since;

    int shells;        /* that are left in REG_SHELLS */
    struct heap *heap; /* borrowed; NULL: malloc */
    json_t *encoding;  /* what json.encode is at work on: freed by the next one, or with the sandbox */
    char *encoded;

    const json_t *scope; /* borrowed; NULL: none */
    atomic_bool *cancel;
    void (*on_line)(void *ctx, const char *line);
    void *ctx;
    int64_t line_bytes;
    struct coverage *coverage;
};

static inline struct sandbox *sandbox_of(lua_State *L) { return *(struct sandbox **)lua_getextraspace(L); }

/* ---- sandbox.c ---- */
/* Fills in the defaults of limits.h: a script's are those of a `lua` step. */
struct policy_limits sandbox_limits(const struct policy_limits *limits, enum sandbox_profile profile);
/* Makes the state and its empty library; its memory comes from `heap` when that is not NULL. Close it whatever happens after success.
 * Errors: ERR_NO_MEMORY. */
int sandbox_open(struct sandbox *sb, struct heap *heap, const struct policy_limits *limits, enum sandbox_profile profile, struct err *err);
void sandbox_close(struct sandbox *sb);
/* Puts a state whose heap has an image back to it. `saved`: the sandbox as it was when the image was taken. */
void sandbox_restore(struct sandbox *sb, const struct sandbox *saved);
void sandbox_drop_encoding(struct sandbox *sb);
/* A new budget from now on; memory in use now is not the script's. */
void sandbox_start(struct sandbox *sb);
/* Calls body(L) with `arg` as a light userdata, protected. Errors: ERR_POLICY_BUDGET, ERR_CANCELED, ERR_LIMIT (input), or `failed` with
 * Lua's message. After an error the state must be closed: the sandbox is not used again. */
int sandbox_protect(struct sandbox *sb, lua_CFunction body, void *arg, enum err_code failed, struct err *err);
/* Compiles text (never bytecode) within the budget and leaves the function on the stack with the state's _ENV; raises. `name` is for
 * messages. */
void sandbox_compile(lua_State *L, const char *text, size_t len, const char *name);

/* For library functions: `bytes` were worked on. Raises when over budget. */
void sandbox_charge(lua_State *L, size_t bytes);
/* Raises the stop that is pending, if one is. */
void sandbox_stop_check(lua_State *L);
/* Longest text that a library function may make. */
size_t sandbox_text_cap(const struct sandbox *sb);
/* `large`: its time is measured and given back; for a few values looking at the clock would cost more. */
void sandbox_fill_begin(struct sandbox *sb, bool large);
void sandbox_fill_end(struct sandbox *sb);
/* Counts input; raises over LIMIT_LUA_INPUT_BYTES. */
void sandbox_count_input(lua_State *L, size_t bytes);

/* ---- env.c ---- */
/* Makes the registry tables; in protected mode. */
void env_install(lua_State *L);
/* Pushes a fresh _ENV. */
void env_push(lua_State *L);
/* Puts the whole library in place, so that later evaluations only read (kept states). */
void env_preload(lua_State *L);
/* Names that the library or the scope's contract define: no bare words in conditions. */
bool env_knows(const char *name);

struct lib_function {
    const char *name;
    lua_CFunction function;
};
extern const struct lib_function lib_base[], lib_text[], lib_kinds[], lib_string[], lib_table[];
int lib_print(lua_State *L);
int lib_json_encode(lua_State *L);

/* ---- value.c ---- */
/* Pushes JSON as plain Lua values; secrets become opaque. Counts as input when the sandbox is filling. */
void value_push(lua_State *L, const json_t *value);
/* Text of the value at `index` as tostring() shows it: pushes a string. Never an address, never a secret. */
void value_push_text(lua_State *L, int index);
/* A value as JSON. The result is built below `*out` (a borrowed place that the caller frees), so that an error in between leaks nothing.
 * Raises on cycles, depth, functions, NaN, bad UTF-8, forged secrets and size. */
struct value_reader {
    json_t *root;      /* owned by whoever made the reader: a list whose first element is the result */
    size_t bytes, max; /* read so far, and at most */
    const char *what;  /* "result": for messages */
    bool hide_secrets; /* json.encode: "<secret>" instead of the reference */
};
json_t *value_read(lua_State *L, int index, struct value_reader *reader); /* borrowed from reader->root */

/* ---- frozen.c ---- */
/* Pushes a read-only view of JSON that materialises what is looked at. `value` outlives every use. */
void frozen_push(lua_State *L, const json_t *value);
/* Makes shells for that many tables, for a state that keeps them in its image. */
void frozen_reserve(lua_State *L, int count);
/* The JSON behind a frozen table, NULL if the value at `index` is none. */
const json_t *frozen_json(lua_State *L, int index);
/* Makes the table on top of the stack a read-only one: replaces it by an empty table that reads through. `name` is for the message. */
void frozen_seal(lua_State *L);
/* Pushes the materialised table behind the frozen table at `index`. */
void frozen_push_content(lua_State *L, int index);

/* ---- translate.c ---- */
/* The Lua reading of an older form, in `out` (an initialised buffer). Returns true when it differs from the text. `scope` may be NULL. */
struct buf;
bool condition_translate(const char *text, const json_t *scope, struct buf *out);
