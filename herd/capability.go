package herd

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// The capabilities of a HELLO: what a server speaks beyond AT lines, and the
// settings that two neighbours must share. One that has a value is written with
// "=" before it. Unknown ones are passed over, so that a later version may say
// more.
const (
	capHeartbeat = "heartbeat" // BEAT lines
	capDigest    = "digest"    // comparisons: log2 of the buckets, ".", which key
	capMAC       = "mac"       // a MAC line after what is sent
	capRoom      = "room"      // of the store: records, ".", bytes
)

// Capabilities returns what a server of this herd says in its HELLO, with these
// keys of the herd's as Identity takes them. A server whose first key is another
// hashes its records otherwise, so the digest says which.
func (c *Config) Capabilities(keys [][]byte) []string {
	if len(keys) == 0 {
		return nil // Identity says what is wrong
	}
	caps := []string{
		capHeartbeat,
		fmt.Sprintf("%s=%d.%s", capDigest, bits.Len(uint(c.DigestBuckets))-1, DigestKey(keys[0]).ID()),
		fmt.Sprintf("%s=%d.%d", capRoom, c.Limits.Records, c.Limits.RecordBytes),
	}
	if c.LinkMAC {
		caps = append(caps, capMAC)
	}
	return caps
}

// Terms is what two neighbours have agreed on when their link opens.
type Terms struct {
	Heartbeat bool // both send BEAT lines
	Digest    bool // both compare their stores, in 2^Bits buckets
	Bits      int
	MAC       bool // what is sent is proved by MAC lines
}

// termsOf returns what two HELLOs have in common.
func termsOf(mine, theirs *Hello) Terms {
	t := Terms{
		Heartbeat: mine.Has(capHeartbeat) && theirs.Has(capHeartbeat),
		MAC:       mine.Has(capMAC) && theirs.Has(capMAC),
	}
	myBits, myKey, mineOK := mine.digest()
	theirBits, theirKey, theirsOK := theirs.digest()
	// Sums under different keys say nothing about each other: such servers are
	// served as if they had no digest, until one of them starts anew.
	if mineOK && theirsOK && myKey == theirKey {
		t.Digest, t.Bits = true, min(myBits, theirBits)
	}
	return t
}

// digest reads the capability of that name; false if there is none that this
// version understands.
func (h *Hello) digest() (bits int, key string, ok bool) {
	value, _ := h.value(capDigest)
	number, key, _ := strings.Cut(value, ".")
	bits, err := strconv.Atoi(number)
	if err != nil || bits < 0 || checkBuckets(capDigest, 1<<min(bits, 62)) != nil {
		return 0, "", false
	}
	return bits, key, true
}

// value returns what stands behind a capability's "=".
func (h *Hello) value(capability string) (value string, found bool) {
	for _, c := range h.Caps {
		if name, value, _ := strings.Cut(c, "="); name == capability {
			return value, true
		}
	}
	return "", false
}
