-- expect: ok
local a, b, c, d = image("ghcr.io/acme/shop/web:1.2@sha256:ab"), image("nginx"), image("localhost:5000/x"), image("acme/web:v1")
return {
  ok = a.registry == "ghcr.io" and a.repository == "acme/shop/web" and a.name == "web" and a.tag == "1.2" and a.digest == "sha256:ab" and a.pinned
    and b.registry == "docker.io" and b.repository == "nginx" and b.tag == "latest" and not b.pinned and c.registry == "localhost:5000" and c.repository == "x" and c.tag == "latest"
    and d.registry == "docker.io" and d.repository == "acme/web" and d.name == "web" and d.tag == "v1" and image("") == nil and image(nil) == nil and image("a b") == nil and not pcall(image, ("x"):rep(600)),
}
