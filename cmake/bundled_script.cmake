# Called at build time by plugin.cmake, after the bundled plugins are linked: writes the table of their hashes.
set(table "")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME_WE)
  file(SHA256 ${file} hash)
  string(APPEND table "    {\"${name}\", \"${hash}\"},\n")
endforeach()
file(WRITE ${OUT} "#include \"plugin/plugin.h\"\n\nconst struct plugin_bundled_hash plugin_bundled_hashes[] = {\n${table}    {0},\n};\n")
