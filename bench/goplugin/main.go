// The hello-world of HashiCorp's go-plugin, as a yardstick for plugin_bench: this program is host and plugin. It measures a call of a function
// that does nothing, with arguments of about the size that a provisioner gets, over net/rpc (the smaller one of go-plugin's two protocols) and
// a Unix socket; and the start of a plugin process up to its first answer. bench/run builds it where Go is installed.
package main

import (
	"flag"
	"fmt"
	"net/rpc"
	"os"
	"os/exec"
	"sort"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

var handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "GOPLUGIN_BENCH", MagicCookieValue: "hello"}

type Request struct{ ID, Type, Name, Application, Environment, Team, Key, Params string }
type Answer struct{ Outputs map[string]string }

type Greeter interface {
	Greet(Request) (Answer, error)
}

type hello struct{}

func (hello) Greet(r Request) (Answer, error) { return Answer{map[string]string{"greeting": "hello " + r.Name}}, nil }

type server struct{ impl Greeter }

func (s *server) Greet(r Request, answer *Answer) (err error) {
	*answer, err = s.impl.Greet(r)
	return err
}

type client struct{ rpc *rpc.Client }

func (c *client) Greet(r Request) (answer Answer, err error) {
	err = c.rpc.Call("Plugin.Greet", r, &answer)
	return answer, err
}

type greeterPlugin struct{}

func (greeterPlugin) Server(*plugin.MuxBroker) (interface{}, error) { return &server{hello{}}, nil }
func (greeterPlugin) Client(_ *plugin.MuxBroker, c *rpc.Client) (interface{}, error) {
	return &client{c}, nil
}

var plugins = map[string]plugin.Plugin{"greeter": greeterPlugin{}}

func die(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "goplugin:", err)
		os.Exit(1)
	}
}

func start() (*plugin.Client, Greeter) {
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), "GOPLUGIN_SERVE=1")
	c := plugin.NewClient(&plugin.ClientConfig{HandshakeConfig: handshake, Plugins: plugins, Cmd: command,
		Logger: hclog.NewNullLogger()})
	protocol, err := c.Client()
	die(err)
	raw, err := protocol.Dispense("greeter")
	die(err)
	return c, raw.(Greeter)
}

func report(name string, took []time.Duration) {
	sort.Slice(took, func(i, j int) bool { return took[i] < took[j] })
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	fmt.Printf("%-44s p50 %8.1f us   p99 %8.1f us\n", name, us(took[len(took)/2]), us(took[len(took)*99/100]))
}

func main() {
	calls := flag.Int("calls", 20000, "calls to measure")
	starts := flag.Int("starts", 30, "starts to measure")
	flag.Parse()
	if os.Getenv("GOPLUGIN_SERVE") != "" {
		plugin.Serve(&plugin.ServeConfig{HandshakeConfig: handshake, Plugins: plugins,
			Logger: hclog.NewNullLogger()})
		return
	}
	request := Request{ID: "01939f9e-3f8f-7d2e-8f3a-0c5e7c1d2b3a", Type: "nothing", Name: "db", Application: "shop", Environment: "production",
		Team: "checkout", Key: strings.Repeat("6f1f", 16), Params: `{"size":"10Gi","replicas":2,"backup":true}`}
	c, greeter := start()
	took := make([]time.Duration, 0, *calls)
	for i := -500; i < *calls; i++ {
		began := time.Now()
		_, err := greeter.Greet(request)
		die(err)
		if i >= 0 {
			took = append(took, time.Since(began))
		}
	}
	c.Kill()
	report("go-plugin: a call", took)
	took = took[:0]
	for i := 0; i < *starts; i++ {
		began := time.Now()
		c, greeter := start()
		_, err := greeter.Greet(request)
		die(err)
		took = append(took, time.Since(began))
		c.Kill()
	}
	report("go-plugin: a first call, with the start", took)
}
