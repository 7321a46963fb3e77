package herd

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxShards bounds what a server says about its shards every BeatEvery.
const maxShards = 256

// checkBackbone checks the backbone, and what of the servers belongs to it.
func (c *Config) checkBackbone() (errs []error) {
	b := &c.Backbone
	errs = append(errs, checkOneOf("backbone.kind", b.Kind, BackboneKinds), b.checkURL())
	if b.Shards < 1 || b.Shards > maxShards || b.Shards&(b.Shards-1) != 0 {
		return append(errs, fieldError("backbone.shards", ErrOutOfRange, "%d is not a power of two from 1 to %d", b.Shards, maxShards))
	}
	if b.Shards > 1 && c.DigestBuckets < b.Shards*minBuckets {
		errs = append(errs, fieldError("backbone.shards", ErrNotTogether, "each of the %d shards needs %d of the digest_buckets, and there are %d; raise these, or take fewer shards",
			b.Shards, minBuckets, c.DigestBuckets))
	}
	errs = append(errs, checkDuration("backbone.timeout", b.Timeout, Duration(time.Millisecond), Duration(time.Minute)))
	if at := slices.IndexFunc(c.Servers, func(s Server) bool { return len(s.TalksTo) > 0 }); at >= 0 && b.Kind == BackboneNATS {
		errs = append(errs, fieldError(fmt.Sprintf("servers[%d].talks_to", at), ErrNotTogether,
			"on a backbone of the kind %q every server hears every other one; leave all these lists empty", b.Kind))
	}
	for i := range c.Servers {
		errs = append(errs, c.checkHeld(i)...)
	}
	return errs
}

// checkURL checks the list of addresses in a form that NATS takes.
func (b *Backbone) checkURL() error {
	if b.Kind != BackboneNATS {
		return nil
	}
	for one := range strings.SplitSeq(b.URL, ",") {
		one = strings.TrimSpace(one)
		if strings.Contains(one, "@") { // it is not repeated
			return fieldError("backbone.url", ErrNotTogether, "a name or password stands in it, and settings are shown; put what proves you into backbone.credentials_file")
		}
		address, ok := strings.CutPrefix(one, "nats://")
		if !ok {
			address, ok = strings.CutPrefix(one, "tls://")
		}
		if _, number, valid := SplitAddress(address); !ok || !valid || number == 0 {
			return fieldError("backbone.url", ErrBadAddress, "%s; write nats:// or tls://, a host and a port, such as nats://127.0.0.1:4222", quote(one))
		}
	}
	return nil
}

// checkHeld checks which shards a server holds.
func (c *Config) checkHeld(i int) (errs []error) {
	s := &c.Servers[i]
	path := fmt.Sprintf("servers[%d].shards", i)
	if c.Backbone.Kind == BackboneLinks && len(s.Shards) > 0 {
		errs = append(errs, fieldError(path, ErrNotTogether, "servers that are linked to neighbours hold everything; leave the list empty, or set backbone.kind"))
	}
	for k, number := range s.Shards {
		if number < 0 || number >= c.Backbone.Shards {
			errs = append(errs, fieldError(path, ErrOutOfRange, "%d is not from 0 to %d, as backbone.shards is %d", number, c.Backbone.Shards-1, c.Backbone.Shards))
		} else if slices.Contains(s.Shards[:k], number) {
			errs = append(errs, fieldError(path, ErrNameTwice, "%d stands there twice; remove one", number))
		}
	}
	return errs
}

// unheld warns of shards that nobody holds, or one server alone.
func (c *Config) unheld() (warnings []string) {
	for number := range c.Backbone.Shards {
		var holders []string
		for _, s := range c.Servers {
			if len(s.Shards) == 0 || slices.Contains(s.Shards, number) {
				holders = append(holders, s.Name)
			}
		}
		switch {
		case len(holders) == 0:
			warnings = append(warnings, fmt.Sprintf("servers: nobody holds the shard %d: what its clients report is refused; add it to the shards of a server", number))
		case len(holders) == 1 && len(c.Servers) > 1:
			warnings = append(warnings, fmt.Sprintf("servers: %s alone holds the shard %d: while it is down its clients are not served; add it to the shards of another server", holders[0], number))
		}
	}
	return warnings
}
