package herd

import (
	"errors"
	"strings"
	"testing"
)

// speaking is who a server is, with what it says of itself.
func speaking(t *testing.T, name string, change func(*Config), key []byte) *Identity {
	t.Helper()
	config := Default()
	change(&config)
	keys := [][]byte{key, secret} // any proves it
	i, err := config.Identity(name, Boot(len(name)), keys, config.Capabilities(keys)...)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestTermsOfTwoServers(t *testing.T) {
	as := func(*Config) {}
	with := func(buckets int, mac bool) func(*Config) {
		return func(c *Config) { c.DigestBuckets, c.LinkMAC = buckets, mac }
	}
	for _, c := range []struct {
		name        string
		farmar      func(*Config)
		meeks       func(*Config)
		meeksKey    []byte
		want        Terms
		err         error
		errIn, says string
	}{
		{"alike", as, as, secret, Terms{Heartbeat: true, Digest: true, Bits: 16}, nil, "", ""},
		{"other numbers of buckets", as, with(256, false), secret, Terms{Heartbeat: true, Digest: true, Bits: 8}, nil, "", ""},
		{"both with link_mac", with(16, true), with(16, true), secret, Terms{Heartbeat: true, Digest: true, Bits: 4, MAC: true}, nil, "", ""},
		{"another first secret", as, as, newSecret, Terms{Heartbeat: true}, nil, "", ""},
		{"one with link_mac", as, with(65536, true), secret, Terms{}, ErrWrongMAC, "wrong_link_mac", "link_mac alike"},
		{"other bounds", as, func(c *Config) { c.Limits.Records = 5 }, secret, Terms{}, ErrWrongRoom, "wrong_room", "10000000.4294967296"},
	} {
		d := NewDialler(speaking(t, "Farmar", c.farmar, secret), "Meeks", nonce(1))
		a := NewAcceptor(speaking(t, "Meeks", c.meeks, c.meeksKey), nonce(2))
		one, two, _ := play(d, a, untouched)
		if c.err != nil {
			if !errors.Is(two.err, c.err) || Reason(two.err) != c.errIn || !strings.Contains(two.err.Error(), c.says) || !errors.Is(one.err, ErrRefused) {
				t.Errorf("%s: dialler %+v, acceptor %+v", c.name, one, two)
			}
			continue
		}
		if !one.done || !two.done || d.Terms() != c.want || a.Terms() != c.want {
			t.Errorf("%s: dialler %+v with %+v, acceptor %+v with %+v, want %+v", c.name, one, d.Terms(), two, a.Terms(), c.want)
		}
	}
}

// A server in another language may say none of this, or what nobody knows yet.
func TestTermsWithAServerThatSaysLess(t *testing.T) {
	config := Default()
	for caps, want := range map[string]Terms{
		"":                              {},
		"heartbeat":                     {Heartbeat: true},
		"heartbeat,later=3":             {Heartbeat: true},
		"digest":                        {},
		"digest=16":                     {},
		"digest=16.0000000000000000":    {},
		"digest=-4." + keyID(secret):    {},
		"digest=3." + keyID(secret):     {},
		"digest=21." + keyID(secret):    {},
		"digest=9999." + keyID(secret):  {},
		"digest=4." + keyID(secret):     {Digest: true, Bits: 4},
		"digest=20." + keyID(secret):    {Digest: true, Bits: 16},
		"heartbeat=1,digest=x,room=1.1": {},
	} {
		var list []string
		if caps != "" {
			list = strings.Split(caps, ",")
		}
		theirs, err := config.Identity("Meeks", 1, [][]byte{secret}, list...)
		if err != nil {
			t.Fatal(err)
		}
		d := NewDialler(speaking(t, "Farmar", func(*Config) {}, secret), "Meeks", nonce(1))
		one, two, _ := play(d, NewAcceptor(theirs, nonce(2)), untouched)
		if strings.Contains(caps, "room") {
			if !errors.Is(two.err, ErrWrongRoom) || !errors.Is(one.err, ErrRefused) {
				t.Errorf("%q: %+v, %+v", caps, one, two)
			}
			continue
		}
		if !one.done || !two.done || d.Terms() != want {
			t.Errorf("%q: %+v, %+v, %+v, want %+v", caps, one, two, d.Terms(), want)
		}
	}
}

func keyID(secret []byte) string { return DigestKey(secret).ID() }

func TestCapabilitiesFitIntoAHandshake(t *testing.T) {
	config := Default()
	config.LinkMAC = true
	caps := config.Capabilities([][]byte{secret})
	want := "heartbeat,digest=16." + keyID(secret) + ",room=10000000.4294967296,mac"
	if strings.Join(caps, ",") != want {
		t.Errorf("it says %q, want %q", caps, want)
	}
	if strings.Contains(want, string(secret)) || config.Capabilities(nil) != nil {
		t.Error("a HELLO tells the secret, or there are capabilities without one")
	}
}
