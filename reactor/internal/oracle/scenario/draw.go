package scenario

import (
	"fmt"
	"math/rand/v2"
)

// Draw makes a script from random choices.
type Draw struct {
	*rand.Rand
	Script Script
}

// Say adds a statement.
func (d *Draw) Say(format string, args ...any) {
	d.Script = append(d.Script, fmt.Sprintf(format, args...))
}

// Chance is true in so many per cent of cases.
func (d *Draw) Chance(percent int) bool { return d.IntN(100) < percent }

// Between is a number from low to high, both included.
func (d *Draw) Between(low, high int) int { return low + d.IntN(high-low+1) }

// Pick is one of the choices; one that stands there twice comes twice as often.
func Pick[T any](d *Draw, choices ...T) T { return choices[d.IntN(len(choices))] }

// Bytes is n bytes of the alphabet.
func (d *Draw) Bytes(n int, alphabet string) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = alphabet[d.IntN(len(alphabet))]
	}
	return data
}

// Chunks cuts data anywhere: into single bytes unless there are many, into a
// few pieces, or not.
func (d *Draw) Chunks(data []byte) (chunks [][]byte) {
	longest := max(Pick(d, 1, 3, 10, len(data)+1), len(data)/20)
	for len(data) > 0 {
		n := min(d.Between(1, longest), len(data))
		chunks = append(chunks, data[:n])
		data = data[n:]
	}
	return chunks
}
