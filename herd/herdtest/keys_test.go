package herdtest

import (
	"errors"
	"testing"
	"time"

	"proxyherd/herd"
)

const (
	oldSecret = Secret
	newSecret = "the secret that comes after it, long enough"
)

func secrets(texts ...string) (keys [][]byte) {
	for _, text := range texts {
		keys = append(keys, []byte(text))
	}
	return keys
}

// setKeys gives every server these secrets, and others to those that are started
// from now on.
func setKeys(t *testing.T, h Twin, texts ...string) {
	t.Helper()
	for _, member := range h.Settings().Servers {
		if err := h.SetKeys(member.Name, secrets(texts...)); err != nil {
			t.Fatal(err)
		}
		h.KeysFrom(member.Name, secrets(texts...))
	}
}

// relink cuts a link for long enough to lose it, and lets it open again.
func relink(t *testing.T, h Twin, a, b string) {
	t.Helper()
	h.Cut(a, b)
	h.Advance(30 * time.Second)
	if status(t, h, a, b).Up {
		t.Fatalf("%s has not lost its link to %s", a, b)
	}
	h.Heal(a, b)
}

func TestASecretIsReplacedWithoutLosingALink(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		opened := status(t, h, "Hill", "Meeks").Opened
		for step, texts := range [][]string{{oldSecret, newSecret}, {newSecret, oldSecret}, {newSecret}} {
			// One after the other: in between, neighbours have different ones.
			for _, member := range h.Settings().Servers {
				if err := h.SetKeys(member.Name, secrets(texts...)); err != nil {
					t.Fatal(err)
				}
				h.Advance(10 * time.Second)
				if !h.Linked() {
					t.Fatalf("step %d at %s: a link is lost", step, member.Name)
				}
			}
			if n := status(t, h, "Hill", "Meeks").Opened; n != opened {
				t.Fatalf("step %d: the link was opened %d times more", step, n-opened)
			}
			relink(t, h, "Hill", "Meeks")
			if !h.Wait(h.Linked) {
				t.Fatalf("step %d: the link does not open with the new secrets", step)
			}
			opened = status(t, h, "Hill", "Meeks").Opened
		}
	})
}

func TestANewLinkNeedsTheNewSecret(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		setKeys(t, h, newSecret)
		if err := h.SetKeys("Hill", secrets(oldSecret)); err != nil {
			t.Fatal(err)
		}
		h.Advance(time.Minute)
		if !h.Linked() {
			t.Error("links that were open are lost")
		}
		relink(t, h, "Hill", "Meeks")
		h.Advance(time.Minute)
		if status(t, h, "Hill", "Meeks").Up || status(t, h, "Meeks", "Hill").Up {
			t.Error("the old secret opens a link still")
		}
		if status(t, h, "Meeks", "Farmar").Up != true {
			t.Error("the others have suffered")
		}
	})
}

func TestRecordsAreComparedUnderTheSecretOfTheStart(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		setKeys(t, h, newSecret)
		say(t, h, "Farmar", report(h, "a"))
		relink(t, h, "Hill", "Meeks")
		say(t, h, "Farmar", report(h, "b"))
		if !h.Wait(h.Linked) {
			t.Fatal("the link does not open")
		}
		h.Advance(time.Minute)
		inAgreement(t, h)
		if l := status(t, h, "Hill", "Meeks"); l.Sync != herd.InSync {
			t.Errorf("two that were started with one secret compare no more: %+v", l)
		}
		// One that is started now hashes otherwise: the two do not compare, and hold
		// the same all the same.
		h.Kill("Hill")
		h.Advance(time.Second)
		h.Start("Hill")
		if !h.Wait(h.Linked) {
			t.Fatal("the link does not open")
		}
		say(t, h, "Hill", report(h, "c"))
		h.Advance(time.Minute)
		inAgreement(t, h)
		if l := status(t, h, "Hill", "Meeks"); l.Sync != herd.Unknown {
			t.Errorf("two that hash differently compare: %+v", l)
		}
	})
}

func TestSecretsThatCannotBeUsedChangeNothing(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		for _, test := range []struct {
			texts []string
			want  error
		}{
			{nil, herd.ErrKeyCount},
			{[]string{oldSecret, newSecret, "a third one, which is long enough too"}, herd.ErrKeyCount},
			{[]string{"short"}, herd.ErrShortSecret},
		} {
			if err := h.SetKeys("Hill", secrets(test.texts...)); !errors.Is(err, test.want) {
				t.Errorf("%q: %v", test.texts, err)
			}
		}
		relink(t, h, "Hill", "Meeks")
		if !h.Wait(h.Linked) {
			t.Error("the link does not open any more")
		}
	})
}
