# inno_embed(OUT_VAR SYMBOL files...)   makes a C file with the files' bytes: `const struct embedded_file SYMBOL[]`, closed by a NULL name
# (declared in base/embedded.h; the name is the file's last path part, the bytes are followed by a NUL that does not count).
function(inno_embed out symbol)
  set(generated ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.c)
  add_custom_command(OUTPUT ${generated}
    COMMAND ${CMAKE_COMMAND} -DOUT=${generated} -DSYMBOL=${symbol} "-DFILES=${ARGN}" -P ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake VERBATIM)
  set(${out} ${generated} PARENT_SCOPE)
endfunction()
