# add_provisioner(NAME SOURCES files [LINKS libraries])   a bundled plugin: lib/innominatus/plugins/NAME.so below the build directory, found there
# relative to bin/innominatus as after `cmake --install`; one exported symbol; its hash is embedded in the server (core/plugin/bundled).
include_guard(GLOBAL)
set(INNO_PLUGIN_DIR ${CMAKE_BINARY_DIR}/lib/innominatus/plugins)
set_property(GLOBAL PROPERTY INNO_BUNDLED_PLUGINS "")

function(add_provisioner name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(plugin_${name} MODULE ${ARG_SOURCES})
  set_target_properties(plugin_${name} PROPERTIES PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY ${INNO_PLUGIN_DIR}
    C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_compile_definitions(plugin_${name} PRIVATE _GNU_SOURCE)
  target_link_libraries(plugin_${name} PRIVATE inno_sdk inno_warnings inno_hardening ${ARG_LINKS})
  # Static libraries that a plugin links must not add to what it exports.
  target_link_options(plugin_${name} PRIVATE -Wl,--exclude-libs,ALL)
  # A generous umask of the builder must not make the server refuse it.
  add_custom_command(TARGET plugin_${name} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:plugin_${name}> VERBATIM)
  set_property(GLOBAL APPEND PROPERTY INNO_BUNDLED_PLUGINS ${name})
  # Installed as built: stripping would change the bytes that the server's embedded hash pins.
  install(FILES $<TARGET_FILE:plugin_${name}> DESTINATION lib/innominatus/plugins
    PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endfunction()

# inno_bundled: the hashes of all bundled plugins as a C table (plugin_bundled_hashes in core/plugin/plugin.h). Made last, when every add_provisioner was seen,
# and rebuilt whenever a plugin is linked anew. The server links it; it is the only thing that does.
function(inno_add_bundled)
  if(TARGET inno_bundled)
    return()
  endif()
  get_property(names GLOBAL PROPERTY INNO_BUNDLED_PLUGINS)
  set(files "")
  set(targets "")
  foreach(name ${names})
    list(APPEND files $<TARGET_FILE:plugin_${name}>)
    list(APPEND targets plugin_${name})
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/generated/bundled_hashes.c)
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} "-DFILES=${files}" -P ${CMAKE_SOURCE_DIR}/cmake/bundled_script.cmake
    DEPENDS ${targets} ${files} ${CMAKE_SOURCE_DIR}/cmake/bundled_script.cmake VERBATIM)
  add_library(inno_bundled STATIC ${generated})
  target_link_libraries(inno_bundled PRIVATE inno_warnings PUBLIC inno_plugin)
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL inno_add_bundled)
