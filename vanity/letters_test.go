package vanity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	. "github.com/numberdesk/numberdesk/vanity"
)

func TestDigits(t *testing.T) {
	for text, want := range map[string]string{
		"FLOWERS": "3569377", "GOT-JUNK": "4685865", "OUR-FOOD": "6873663", "NEWCARS": "6392277", "TAXI": "8294",
		"QUIZ": "7849", "PIZZA": "74992", "CONTACTS": "26682287", "MATTRESS": "62887377", "more sleep": "667375337",
		"3-LAWYER": "3529937", "ＦＯＯＤ": "3663", "ABCDEFGHIJKLMNOPQRSTUVWXYZ": "22233344455566677778889999",
		"0123456789": "0123456789", "a": "2",
	} {
		got, err := Digits(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, rule := range map[string]Rule{
		"": RuleEmpty, " - ": RuleEmpty, "CAF\u00c9": RuleLetter, "\u0421AT": RuleLetter, "FO*D": RuleCharacter, "A+": RuleCharacter,
		"\x00": RuleCharacter, "A\xff": RuleCharacter, strings.Repeat("A", 129): RuleLength, strings.Repeat("A", 1<<20): RuleLength,
	} {
		_, err := Digits(text)
		require.ErrorIs(t, err, rule, "%.40q", text)
	}
}

// Letters is the other direction: every letter is on the key that it is dialled
// with, and on no other.
func TestLetters(t *testing.T) {
	require.Equal(t, "PQRS", Letters('7'))
	require.Equal(t, "WXYZ", Letters('9'))
	all := ""
	for c := range 256 {
		letters := Letters(byte(c))
		all += letters
		for _, l := range letters {
			digits, err := Digits(string(l))
			require.NoError(t, err)
			require.Equal(t, string(rune(c)), digits)
		}
	}
	require.Equal(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", all)
	require.Empty(t, Letters('0')+Letters('1')+Letters('A'))
}
