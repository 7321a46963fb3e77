package herd

import (
	"encoding/binary"
	"time"
)

// AppendOrder appends a key to dst that says how new r is: of two reports of a
// client, the keys compare as bytes exactly as Compare compares the reports. So a
// database that knows nothing of reports can keep the newest. Keys that were made
// with another future do not compare.
//
// A key is the two times, 12 bytes each, and then the four texts, each with an end
// that sorts below whatever could have followed.
func (r *Record) AppendOrder(dst []byte, future time.Duration) []byte {
	dst = appendTime(dst, r.Effective(future))
	dst = appendTime(dst, r.Client)
	for _, text := range [...][]byte{r.Server, r.Location, r.Time, r.Difference} {
		dst = appendText(dst, text)
	}
	return dst
}

// appendTime appends a time so that earlier ones sort first, those before 1970 too.
func appendTime(dst []byte, t Timestamp) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(t.Sec)^1<<63)
	return binary.BigEndian.AppendUint32(dst, uint32(t.Nsec))
}

// appendText appends a text and its end, 00 00. A zero within the text is written as
// 00 01, so that it sorts above an end and below any other byte.
func appendText(dst, text []byte) []byte {
	for _, c := range text {
		if dst = append(dst, c); c == 0 {
			dst = append(dst, 1)
		}
	}
	return append(dst, 0, 0)
}
