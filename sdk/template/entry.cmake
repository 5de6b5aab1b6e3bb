# Writes the example's admin-config.yaml with the hash of the plugin that was just built.
file(SHA256 ${PLUGIN} SHA256)
configure_file(${FROM} ${TO} @ONLY)
