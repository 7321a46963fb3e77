package upstream

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestConfigDefaults(t *testing.T) {
	c, err := New(Config{Kind: Twitter{}, URL: "http://127.0.0.1/search.json"})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.config; got.Timeout != 5*time.Second || got.Connections != 32 || got.IdleTimeout != 90*time.Second || got.MaxAnswer != 8<<20 ||
		got.AttemptTimeout != 3*time.Second || got.ConnectTimeout != 2*time.Second || got.Cache != 0 ||
		!strings.HasPrefix(got.UserAgent, "proxyherd") {
		t.Errorf("%+v", got)
	}
}

// TestAKindIsEnough: its own address is asked.
func TestAKindIsEnough(t *testing.T) {
	for _, kind := range all {
		config := Config{Kind: kind}
		if kind.Service().NeedsKey {
			config.Key = newKey(t, "secret")
		}
		c, err := New(config)
		if err != nil {
			t.Fatal(err)
		}
		if kind.Service().URL == "" || c.address.String() != kind.Service().URL {
			t.Errorf("%s: %s", kind.Name(), c.address)
		}
		c.Close()
	}
}

func TestConfigCheck(t *testing.T) {
	good := Config{Kind: Twitter{}, URL: "https://key@search.example:1/search.json?a=secret", Timeout: time.Millisecond, Connections: 1, IdleTimeout: time.Second, MaxAnswer: 1024, UserAgent: "x/1"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	key := newKey(t, "secret")
	tests := []struct {
		field  string // the message must name it
		change func(*Config)
	}{
		{"Kind", func(c *Config) { c.Kind = nil }},
		{"Key", func(c *Config) { c.Kind = X{} }},
		{"Cache", func(c *Config) { c.Cache = time.Millisecond }},
		{"Cache", func(c *Config) { c.Kind, c.Cache, c.Key = Places{}, time.Minute, key }},
		{"Cache", func(c *Config) { c.Kind, c.Cache, c.Key = PlacesNew{}, time.Minute, key }},
		{"AttemptTimeout", func(c *Config) { c.AttemptTimeout = time.Microsecond }},
		{"ConnectTimeout", func(c *Config) { c.ConnectTimeout = -1 }},
		{"URL", func(c *Config) { c.URL = "ftp://secret/search.json" }},
		{"URL", func(c *Config) { c.URL = "search.example/secret" }},
		{"URL", func(c *Config) { c.URL = "http:///secret.json" }},
		{"URL", func(c *Config) { c.URL = "http://:80/secret.json" }},
		{"URL", func(c *Config) { c.URL = "http://secret:port/" }},
		{"URL", func(c *Config) { c.URL = "http://secret\n" }},
		{"Timeout", func(c *Config) { c.Timeout = time.Microsecond }},
		{"Timeout", func(c *Config) { c.Timeout = -1 }},
		{"Connections", func(c *Config) { c.Connections = -1 }},
		{"IdleTimeout", func(c *Config) { c.IdleTimeout = time.Millisecond }},
		{"MaxAnswer", func(c *Config) { c.MaxAnswer = 1023 }},
		{"UserAgent", func(c *Config) { c.UserAgent = "x\r\nHost: y" }},
		{"UserAgent", func(c *Config) { c.UserAgent = "é" }},
	}
	for _, test := range tests {
		c := good
		test.change(&c)
		err := c.Check()
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), test.field) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%+v: %v", c, err)
		}
		if client, newErr := New(c); client != nil || newErr == nil || newErr.Error() != err.Error() {
			t.Errorf("New: %v, Check: %v", newErr, err)
		}
	}
}
