/* The server's own client of HashiCorp Vault and OpenBao: reads references vault:PATH#KEY, with PATH as `vault kv get` writes it
 * ("secret/shop/db"). Key-value engines of both versions, and engines that give leases (database credentials): all keys of one lease come
 * from the same answer. Logs in by token, AppRole or Kubernetes; a thread of its own renews token and leases; leases and tokens that it got
 * are revoked at the end. Any thread but HTTP and store threads: reading waits for Vault. */
#pragma once
#include "base/secret.h"
#include "codec/json.h"
#include "net/net.h"

struct secret_vault;

/* Without settings it takes VAULT_ADDR, VAULT_TOKEN, VAULT_NAMESPACE and VAULT_CACERT of the environment. */
struct secret_vault *secret_vault_new(struct net *net);
/* Revokes what it holds, as long as Vault answers. NULL is fine. Before net_free. */
void secret_vault_free(struct secret_vault *vault);

/* The admin-config's section `vault`: {url, credentials | auth {method, mount, roleId, secretId, role, jwt}, namespace, ca}, whose
 * references are env: or file: and are read at each login. Copied; NULL: the environment. Other settings than before end the session;
 * leases live on. */
void secret_vault_configure(struct secret_vault *vault, const json_t *settings);

/* `reference` is what follows "vault:". Errors: ERR_CONFIG (no address or credentials), ERR_BAD_VALUE, ERR_NOT_FOUND (path, or key in it),
 * ERR_UNAUTHORIZED, ERR_BACKEND_DOWN (after a few attempts), ERR_TIMEOUT, ERR_TOO_LARGE. No message holds a value. */
int secret_vault_read(struct secret_vault *vault, const char *reference, struct secret *out, struct err *err);
