/* Cookies (RFC 6265), as little as a session needs. Pure. */
#pragma once
#include "base/arena.h"

#define API_SESSION_COOKIE "innominatus_session"

/* The value of a cookie in a Cookie header, NULL if absent. Text in the arena. */
const char *cookie_value(const char *header, const char *name, struct arena *arena);
