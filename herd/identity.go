package herd

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
)

// What can be wrong with an Identity.
var (
	ErrKeyCount = errors.New("a server has one secret, or two while one is being replaced")
	ErrBadCap   = errors.New("not the name of an extension")
)

// Identity is who a server is to its neighbours. It is shared by all handshakes
// of a server and never changed. Only Config.Identity makes one, so that there
// is none without a good key.
type Identity struct {
	herd       string
	name       string
	future     Duration
	boot       Boot
	caps       []string
	neighbours []string
	keys       [][]byte // the first proves who we are, any proves who the other is
	// macs are HMACs with the keys that have taken nothing else. They are only ever
	// cloned, so that a key's two blocks are hashed once and not in each handshake.
	macs []hash.Cloner
}

// hmac returns a new HMAC with one of the keys.
func (i *Identity) hmac(key int) hash.Hash {
	mac, err := i.macs[key].Clone()
	if err != nil {
		panic(err) // SHA-256 can be cloned
	}
	return mac
}

// Identity returns who the named server is, from a Config that has passed Check.
// The keys are one secret, or two while one is being replaced: the first is what
// the server proves itself with, and its neighbours may prove themselves with
// either. The caps are what it speaks beyond AT lines. The error wraps
// ErrUnknownName, ErrKeyCount, ErrShortSecret or ErrBadCap. The slices are kept,
// and must not be changed.
func (c *Config) Identity(name string, boot Boot, keys [][]byte, caps ...string) (*Identity, error) {
	s, found := c.Server(name)
	if !found {
		return nil, fmt.Errorf("%w: %q", ErrUnknownName, name)
	}
	if len(keys) < 1 || len(keys) > 2 {
		return nil, fmt.Errorf("%w: there are %d", ErrKeyCount, len(keys))
	}
	for _, key := range keys {
		if err := CheckSecret(key); err != nil {
			return nil, err
		}
	}
	for _, capability := range caps {
		if !validCap(capability) {
			return nil, fmt.Errorf("%w: %q", ErrBadCap, capability)
		}
	}
	return &Identity{
		herd: c.Herd, name: name, future: c.Future, boot: boot,
		caps: caps, neighbours: s.TalksTo, keys: keys, macs: macsOf(keys),
	}, nil
}

func macsOf(keys [][]byte) (macs []hash.Cloner) {
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		mac.Reset() // which keeps what it has hashed
		macs = append(macs, mac.(hash.Cloner))
	}
	return macs
}
