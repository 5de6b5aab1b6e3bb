/* Every maximum of the program, in one place. What is configurable has its default here. Units are in the names. */
#pragma once

/* documents */
#define LIMIT_BODY_BYTES        (1u << 20) /* a request body; configurable */
#define LIMIT_SCORE_BYTES       (1u << 20) /* a Score file of 1 MiB is already a mistake */
#define LIMIT_YAML_BYTES        (4u << 20) /* any YAML document, the admin's included */
#define LIMIT_YAML_DEPTH        64
#define LIMIT_YAML_NODES        100000
#define LIMIT_YAML_ALIASES      100 /* alias uses a document */
#define LIMIT_JSON_DEPTH        64
#define LIMIT_JSON_BYTES        (4u << 20)
#define LIMIT_DIAGS             200 /* problems reported for one document */
#define LIMIT_POLICY_FILE_BYTES (256u << 10)
#define LIMIT_UPLOAD_FILES      256 /* files uploaded with a Score file */
#define LIMIT_NAME_CHARS        63
#define LIMIT_EXPANDED_BYTES    (1u << 20) /* one interpolated string */

/* workflows */
#define LIMIT_WORKFLOWS_PER_PLAN 64
#define LIMIT_STEPS_PER_WORKFLOW 200 /* hard limit; maxStepsPerWorkflow is the policy */
#define LIMIT_STEPS_PER_PLAN     1000
#define LIMIT_PLAN_BYTES         (4u << 20)
#define LIMIT_STEP_TIMEOUT_MS    (24LL * 3600 * 1000)
#define LIMIT_STEP_ATTEMPTS      20

/* Lua. Sanitizers make the same script ten times as slow, and where they run the machine is busy: their builds give it a hundred times as
 * long. */
#if defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define LIMIT_SANITIZED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined LIMIT_SANITIZED
#define LIMIT_LUA_WALL_MS 5000
#else
#define LIMIT_LUA_WALL_MS 50
#endif
#define LIMIT_LUA_INSTRUCTIONS      1000000
#define LIMIT_LUA_BYTES             (8u << 20)
#define LIMIT_LUA_DEPTH             200 /* nesting of calls and of values */
#define LIMIT_LUA_INPUT_BYTES       (4u << 20)
#define LIMIT_LUA_RESULT_BYTES      (256u << 10)
#define LIMIT_LUA_STEP_WALL_MS      5000
#define LIMIT_LUA_STEP_BYTES        (64u << 20)
#define LIMIT_LUA_STEP_INSTRUCTIONS 100000000
#define LIMIT_LUA_LEAST_BYTES       (256u << 10) /* a configured memory limit below this is raised to it */
#define LIMIT_LUA_SORT_ITEMS        10000
#define LIMIT_LUA_UNPACK_ITEMS      1000
#define LIMIT_CONDITION_BYTES       4096
#define LIMIT_POLICY_FILES          500
#define LIMIT_POLICIES_PER_FILE     50
#define LIMIT_POLICY_VIOLATIONS     100 /* of one policy in one evaluation */
#define LIMIT_POLICY_STATES         8   /* compiled states kept between evaluations */

/* plugins (sdk.md) */
#define LIMIT_FRAME_BYTES       (1u << 20)
#define LIMIT_LOG_LINE_BYTES    (16u << 10)
#define LIMIT_STEP_LOG_BYTES    (16u << 20)
#define LIMIT_OUTPUTS_BYTES     (256u << 10)
#define LIMIT_STATE_BYTES       (1u << 20)
#define LIMIT_PLUGIN_FILE_BYTES (64u << 20)
#define LIMIT_MANIFEST_BYTES    (256u << 10)
#define LIMIT_PLUGIN_HOSTS      4
#define LIMIT_PLUGIN_CALL_MS    300000
#define LIMIT_PLUGIN_PROCESSES  512   /* of a host with all that it starts, where control groups are delegated */
#define LIMIT_PLAN_PREVIEW_MS   20000 /* for a provisioner to say what a plan would change */
#define LIMIT_PLUGIN_BYTES      (256LL << 20)
#define LIMIT_HINTS             64
#define LIMIT_ACTION_PARAMS     16          /* arguments of one action; as INNO_MAX_ACTION_PARAMS */
#define LIMIT_ACTION_BYTES      (64u << 10) /* all of them */

/* engine */
#define LIMIT_QUEUE_CAPACITY 50000
#define LIMIT_WORKERS        8
#define LIMIT_CLAIM_BATCH    64
#define LEASE_MS             15000
#define DRAIN_MS             20000
#define DEFAULT_DRIFT_MS     3600000 /* between two looks at a resource; configurable */
#define DEFAULT_DRIFT_JITTER 0.2     /* of that, to either side; configurable */
#define LEAST_DRIFT_MS       100
#define DRAIN_QUIET_MS       5000 /* of a drain: a provisioner that says nothing for so long is asked to stop */

/* storage */
#define LIMIT_STORE_BATCH    256 /* units to a commit */
#define LIMIT_STORE_ARGS     128 /* parameters of a statement */
#define LIMIT_STORE_CHANNELS 16
#define LIMIT_STORE_ATTEMPTS 50    /* runs of a unit that the database asks to run again */
#define STORE_STATEMENT_MS   30000 /* a statement; configurable */
#define STORE_RETRY_MS       30000 /* how long an accepted unit waits for a locked or absent database */
#define STORE_BUSY_MS        5000  /* how long SQLite waits for another program's lock in one attempt */
#define STORE_SEAL_MS        50    /* between two runs of the sealer */

/* HTTP */
#define LIMIT_HTTP_CONNECTIONS  4096
#define LIMIT_RATE_ENTRIES      8192  /* users and addresses whose rate is known; the one seen longest ago is forgotten */
#define DEFAULT_USER_RATE       20000 /* requests a second of one user; configurable */
#define DEFAULT_ADDRESS_RATE    1000  /* requests a second from one address without a valid key; configurable */
#define LIMIT_STREAMS           2000  /* streams of events at once */
#define LIMIT_PAGE_ITEMS        200
#define DEFAULT_PAGE_ITEMS      50
#define LIMIT_LOG_PAGE          1000 /* log lines or events in one answer */
#define LIMIT_DENIALS_A_MINUTE  60   /* audit rows of denied requests, of all users together */
#define LIMIT_LOGIN_ATTEMPTS    5    /* a user name and address, in LOGIN_WINDOW_MS */
#define LOGIN_WINDOW_MS         60000
#define LIMIT_PASSWORD_BYTES    1024u
#define LIMIT_RESPONSE_BYTES    (16u << 20)
#define LIMIT_HTTP_CLIENT_BYTES (16u << 20) /* an answer to the CLI or to an http step */

/* records */
#define ORG_DEFAULT              "default"    /* the one organisation there is now; a column from day one */
#define EVENTS_KEPT_DAYS         30           /* then an event is removed; the audit is not */
#define LIMIT_EVENT_BYTES        (64u << 10)  /* data of one event */
#define LIMIT_AUDIT_BYTES        (64u << 10)  /* detail of one audit row */
#define LIMIT_AUDIT_TEXT_BYTES   512          /* any other text of an audit row; longer ones are cut */
#define LIMIT_SEAL_BATCH         2000         /* events and audit rows sealed in one transaction */
#define LIMIT_AUDIT_EXPORT_BYTES (256u << 20) /* an export that comes as one JSON document; JSON lines have no limit */

/* users and keys */
#define LIMIT_KEYS_PER_USER     50
#define LIMIT_SESSIONS_PER_USER 20
#define SESSION_MS              (12LL * 3600 * 1000)
#define AUTH_CACHE_MS           5000  /* how long a checked key is believed without looking again */
#define AUTH_TOUCH_MS           60000 /* last_used_at is at most this old */

/* secrets */
#define LIMIT_SECRET_BYTES         (64u << 10) /* one secret */
#define LIMIT_TERRAFORM_BYTES      (16u << 20) /* a state of Terraform */
#define LIMIT_TERRAFORM_LOCK_BYTES (16u << 10) /* what the holder of its lock says of itself */
#define LIMIT_TERRAFORM_NAME       200
#define LIMIT_TERRAFORM_VERSIONS   50  /* of a state are kept */
#define LIMIT_SECRETS_PER_VALUE    256 /* opened for one frame */
