package herd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// sealedAs is what an end sends for some lines, with a MAC line behind each line
// whose bit is set, and behind the last.
func sealedAs(s *Seal, lines []string, flush uint16) (all []string) {
	from := 0
	for i := range lines {
		if flush>>(i%16)&1 == 1 {
			all = append(all, sent(s, slices.Clone(lines[from:i+1])...)...)
			from = i + 1
		}
	}
	return append(all, sent(s, slices.Clone(lines[from:])...)...)
}

// FuzzSeal: whatever becomes of a sequence of lines on the way, the other end
// heeds the first so many of those that were sent, in their order, and nothing
// else; and all of them if nothing has become of it.
func FuzzSeal(f *testing.F) {
	const few = "AT one\nAT two\nBEAT 1\n\nAT five\r"
	for whose := range byte(8) {
		for how := range byte(6) {
			f.Add(few, "AT forged", uint16(0b10010), []byte{0, 0, 0, 0, 0, 0, 0, 0, whose, 2, how, 2})
			f.Add(few, "MAC 1 00", uint16(1), []byte{whose, 0, how, 1, whose, 1, how, 1, whose, 2, how, 2})
		}
	}
	f.Add(few, "", uint16(0xffff), []byte{})
	// What was proved comes once more, as if it were the next; or what is next does
	// not come, as if the one behind it were.
	f.Add(few, "", uint16(0b10), []byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 4, 1, 0, 0, 4, 2, 4, 2})
	f.Add(few, "", uint16(0b10), []byte{7, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1})
	f.Fuzz(func(t *testing.T, text, forged string, flush uint16, script []byte) {
		dialler, acceptor := seals(t)
		// No line of ours but a MAC line begins with that word.
		ours := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
			field, _ := cutField([]byte(line))
			return string(field) == macVerb
		})
		theirs := slices.Clone(ours)
		for i := range theirs {
			theirs[i] = "BACK " + theirs[i]
		}
		there, back := sealedAs(dialler[0], ours, flush), sealedAs(acceptor[0], theirs, flush)
		come := meddle(there, back, strings.Split(forged, "\n"), script)
		got, err := heeded(acceptor[1], come)
		if len(got) > len(ours) || !slices.Equal(got, ours[:len(got)]) {
			t.Fatalf("of %q, which came as %q, %q was heeded", ours, come, got)
		}
		if err != nil && !errors.Is(err, ErrBadMAC) {
			t.Fatalf("%q: %v", come, err)
		}
		if slices.Equal(come, there) && (err != nil || len(got) != len(ours)) {
			t.Fatalf("%q came whole, and %q was heeded, %v", ours, got, err)
		}
	})
}

// meddle passes lines on as a script says, four bytes for each: whose line comes
// next, which of them, how it is changed, and to what. What the script leaves
// comes as it is.
func meddle(lines, back, forged []string, script []byte) (come []string) {
	all := lines
	for ; len(script) >= 4 && len(lines) > 0; script = script[4:] {
		which, what := int(script[1]), script[3]
		line := lines[0]
		switch script[0] % 8 {
		case 4: // once more
			line = all[which%len(all)]
		case 5: // that went the other way
			line = back[which%len(back)]
		case 6: // that nobody has sent
			line = forged[which%len(forged)]
		case 7: // none: it is lost
			lines = lines[1:]
			continue
		default:
			lines = lines[1:]
		}
		at := 0
		if len(line) > 0 {
			at = which % len(line)
		}
		switch script[2] % 6 {
		case 2:
			if at < len(line) && what != '\n' {
				line = line[:at] + string([]byte{what}) + line[at+1:]
			}
		case 3:
			line = line[:at]
		case 4: // as if its turn were another
			if fields := strings.Fields(line); len(fields) == 3 && fields[0] == macVerb {
				line = fmt.Sprint(macVerb, " ", what%8, " ", fields[2])
			}
		case 5: // the line before runs into it
			if len(come) > 0 {
				line, come = come[len(come)-1]+line, come[:len(come)-1]
			}
		}
		come = append(come, line)
	}
	return append(come, lines...)
}
