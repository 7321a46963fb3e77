package endpoints_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
)

// wantRefused fails the test unless err is kind and quotes the description.
func wantRefused(t *testing.T, text string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), text) {
		t.Errorf("%q gave %v, want %v and the text", text, err, kind)
	}
}

// TestServerFromString is twisted/internet/test/test_endpoints.py's
// ServerStringTests, and EP7.
func TestServerFromString(t *testing.T) {
	var r reactortest.MemoryReactor
	for text, want := range map[string]endpoints.StreamServerEndpoint{
		"tcp:1234":                               endpoints.TCP4ServerEndpoint{&r, 1234, 50, ""},
		"tcp:1234:backlog=12:interface=10.0.0.1": endpoints.TCP4ServerEndpoint{&r, 1234, 12, "10.0.0.1"},
		"tcp:1234:10.0.0.1:7":                    endpoints.TCP4ServerEndpoint{&r, 1234, 7, "10.0.0.1"},
		"tcp:80:":                                endpoints.TCP4ServerEndpoint{&r, 80, 50, ""},
		"tcp:port=0":                             endpoints.TCP4ServerEndpoint{&r, 0, 50, ""},
		`tcp:\1\234`:                             endpoints.TCP4ServerEndpoint{&r, 1234, 50, ""},
		"tcp6:8080":                              endpoints.TCP6ServerEndpoint{&r, 8080, 50, ""},
		`tcp6:8080:interface=\:\:1`:              endpoints.TCP6ServerEndpoint{&r, 8080, 50, "::1"},
		`tcp6:port=8080:backlog=3:interface=fe80\:\:`: endpoints.TCP6ServerEndpoint{&r, 8080, 3, "fe80::"},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := endpoints.ServerFromString(&r, text)
			if err != nil || got != want {
				t.Errorf("got %#v, %v; want %#v", got, err, want)
			}
		})
	}
	for text, kind := range map[string]error{
		"":                      endpoints.ErrUnqualified,
		"80":                    endpoints.ErrUnqualified,
		"=tcp:80":               endpoints.ErrUnqualified,
		"TCP:80":                endpoints.ErrUnknownType, // as in Twisted, where servers mind the case
		"unix:/var/run/finger":  endpoints.ErrUnknownType,
		"ssl:443":               endpoints.ErrUnknownType,
		"ftl:andromeda/carcosa": endpoints.ErrUnknownType,
		"tcp:80:quux=1":         endpoints.ErrArgument,
		"tcp:80::5:6":           endpoints.ErrArgument,
		"tcp:80:port=81":        endpoints.ErrArgument,
		"tcp:interface=0":       endpoints.ErrArgument,
		"tcp:http":              endpoints.ErrBadValue,
		"tcp:65536":             endpoints.ErrBadValue,
		"tcp:-1":                endpoints.ErrBadValue,
		"tcp:80:backlog=0":      endpoints.ErrBadValue,
		"tcp:80:backlog=many":   endpoints.ErrBadValue,
		`tcp:80\`:               endpoints.ErrTrailingBackslash,
	} {
		t.Run("refuses "+text, func(t *testing.T) {
			_, err := endpoints.ServerFromString(&r, text)
			wantRefused(t, strings.Trim(text, `\`), err, kind)
		})
	}
}

// TestTCP6ServerFromString is twisted/internet/test/test_endpoints.py's
// TCP6ServerEndpointPluginTests: what a description makes listens on IPv6.
func TestTCP6ServerFromString(t *testing.T) {
	var r reactortest.MemoryReactor
	for text, want := range map[string]reactor.IPv6Address{
		"tcp6:8080":                   {Host: "::", Port: 8080},
		`tcp6:8080:interface=\:\:1`:   {Host: "::1", Port: 8080},
		`tcp6:port=0:interface=\:\:2`: {Host: "::2"},
	} {
		endpoint, err := endpoints.ServerFromString(&r, text)
		if err != nil {
			t.Fatal(err)
		}
		factory, _ := accumulating()
		port := watch(endpoint.Listen(factory))
		port.want(t, nil)
		wantSame[reactor.Address](t, "the address of "+text, port.value.GetHost(), want)
	}
}

// TestClientFromString is twisted/internet/test/test_endpoints.py's
// ClientStringTests, and EP8.
func TestClientFromString(t *testing.T) {
	var r reactortest.MemoryReactor
	tcp := func(host string, port int) endpoints.TCP4ClientEndpoint {
		return endpoints.TCP4ClientEndpoint{Reactor: &r, Host: host, Port: port, Timeout: 30 * time.Second}
	}
	bound := tcp("example.com", 1234)
	bound.Timeout, bound.BindAddress = 7*second, reactor.IPv4Address{Host: "10.0.0.2"}
	for text, want := range map[string]endpoints.TCP4ClientEndpoint{
		"tcp:host=example.com:port=1234:timeout=7:bindAddress=10.0.0.2": bound,
		"tcp:example.com:1234:timeout=7:bindAddress=10.0.0.2":           bound,
		"tcp:port=1234:example.com:bindAddress=10.0.0.2:timeout=7":      bound,
		"tcp:1234:host=example.com:timeout=7:bindAddress=10.0.0.2":      bound,
		"tcp:host=example.com:port=1234":                                tcp("example.com", 1234),
		"TCP:example.com:80":                                            tcp("example.com", 80),
		`tcp:\:\:1:80`:                                                  tcp("::1", 80),
	} {
		t.Run(text, func(t *testing.T) {
			got, err := endpoints.ClientFromString(&r, text)
			if err != nil || got != endpoints.StreamClientEndpoint(want) {
				t.Errorf("got %#v, %v; want %#v", got, err, want)
			}
		})
	}
	for text, kind := range map[string]error{
		"example.com":                  endpoints.ErrUnqualified,
		"ftl:www.example.com":          endpoints.ErrUnknownType,
		"unix:/var/foo":                endpoints.ErrUnknownType,
		"tcp:example.com":              endpoints.ErrArgument,
		"tcp:port=80":                  endpoints.ErrArgument,
		"tcp::80":                      endpoints.ErrArgument,
		"tcp:a:80:x=y":                 endpoints.ErrArgument,
		"tcp:a:http":                   endpoints.ErrBadValue,
		"tcp:a:0":                      endpoints.ErrBadValue,
		"tcp:a:80:timeout=soon":        endpoints.ErrBadValue,
		"tcp:a:80:timeout=0":           endpoints.ErrBadValue,
		`tcp:a:80:bindAddress=1\`:      endpoints.ErrTrailingBackslash,
		"tcp:a:80:timeout=99999999999": endpoints.ErrBadValue,
	} {
		t.Run("refuses "+text, func(t *testing.T) {
			_, err := endpoints.ClientFromString(&r, text)
			wantRefused(t, strings.Trim(text, `\`), err, kind)
		})
	}
	t.Run("connects", func(t *testing.T) {
		endpoint, err := endpoints.ClientFromString(&r, "tcp:example.com:80")
		if err != nil {
			t.Fatal(err)
		}
		factory, _ := accumulating()
		endpoint.Connect(factory)
		wantSame(t, "the host", lastClient(t, &r, 1).Host, "example.com")
	})
}
