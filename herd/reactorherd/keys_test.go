package reactorherd_test

import (
	"errors"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

const (
	oldSecret = herdtest.Secret
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
func setKeys(t *testing.T, v *herdtest.Virtual, texts ...string) {
	t.Helper()
	for _, member := range v.Config.Servers {
		if err := v.Servers[member.Name].SetKeys(secrets(texts...)); err != nil {
			t.Fatal(err)
		}
		v.Keys[member.Name] = secrets(texts...)
	}
}

// relink cuts a link for long enough to lose it, and lets it open again.
func relink(t *testing.T, v *herdtest.Virtual, a, b string) {
	t.Helper()
	v.Network.Cut(a, b)
	v.Network.Advance(30 * time.Second)
	if status(t, v, a, b).Up {
		t.Fatalf("%s has not lost its link to %s", a, b)
	}
	v.Network.Heal(a, b)
}

func TestASecretIsReplacedWithoutLosingALink(t *testing.T) {
	v := start(t, nil)
	opened := status(t, v, "Hill", "Meeks").Opened
	for step, texts := range [][]string{{oldSecret, newSecret}, {newSecret, oldSecret}, {newSecret}} {
		// One after the other: in between, neighbours have different ones.
		for _, member := range v.Config.Servers {
			if err := v.Servers[member.Name].SetKeys(secrets(texts...)); err != nil {
				t.Fatal(err)
			}
			v.Network.Advance(10 * time.Second)
			if !v.Linked() {
				t.Fatalf("step %d at %s: a link is lost", step, member.Name)
			}
		}
		if n := status(t, v, "Hill", "Meeks").Opened; n != opened {
			t.Fatalf("step %d: the link was opened %d times more", step, n-opened)
		}
		relink(t, v, "Hill", "Meeks")
		if !v.Wait(v.Linked) {
			t.Fatalf("step %d: the link does not open with the new secrets", step)
		}
		opened = status(t, v, "Hill", "Meeks").Opened
	}
}

func TestANewLinkNeedsTheNewSecret(t *testing.T) {
	v := start(t, nil)
	setKeys(t, v, newSecret)
	if err := v.Servers["Hill"].SetKeys(secrets(oldSecret)); err != nil {
		t.Fatal(err)
	}
	v.Network.Advance(time.Minute)
	if !v.Linked() {
		t.Error("links that were open are lost")
	}
	relink(t, v, "Hill", "Meeks")
	v.Network.Advance(time.Minute)
	if status(t, v, "Hill", "Meeks").Up || status(t, v, "Meeks", "Hill").Up {
		t.Error("the old secret opens a link still")
	}
	if status(t, v, "Meeks", "Farmar").Up != true {
		t.Error("the others have suffered")
	}
}

func TestRecordsAreComparedUnderTheSecretOfTheStart(t *testing.T) {
	v := start(t, nil)
	setKeys(t, v, newSecret)
	say(t, v, "Farmar", report(v, "a"))
	relink(t, v, "Hill", "Meeks")
	say(t, v, "Farmar", report(v, "b"))
	if !v.Wait(v.Linked) {
		t.Fatal("the link does not open")
	}
	v.Network.Advance(time.Minute)
	inAgreement(t, v)
	if l := status(t, v, "Hill", "Meeks"); l.Sync != herd.InSync {
		t.Errorf("two that were started with one secret compare no more: %+v", l)
	}
	// One that is started now hashes otherwise: the two do not compare, and hold
	// the same all the same.
	v.Kill("Hill")
	v.Network.Advance(time.Second)
	v.Start("Hill")
	if !v.Wait(v.Linked) {
		t.Fatal("the link does not open")
	}
	say(t, v, "Hill", report(v, "c"))
	v.Network.Advance(time.Minute)
	inAgreement(t, v)
	if l := status(t, v, "Hill", "Meeks"); l.Sync != herd.Unknown {
		t.Errorf("two that hash differently compare: %+v", l)
	}
}

func TestSecretsThatCannotBeUsedChangeNothing(t *testing.T) {
	v := start(t, nil)
	for _, test := range []struct {
		texts []string
		want  error
	}{
		{nil, herd.ErrKeyCount},
		{[]string{oldSecret, newSecret, "a third one, which is long enough too"}, herd.ErrKeyCount},
		{[]string{"short"}, herd.ErrShortSecret},
	} {
		if err := v.Servers["Hill"].SetKeys(secrets(test.texts...)); !errors.Is(err, test.want) {
			t.Errorf("%q: %v", test.texts, err)
		}
	}
	relink(t, v, "Hill", "Meeks")
	if !v.Wait(v.Linked) {
		t.Error("the link does not open any more")
	}
}
