#include "textflag.h"

// Sixteen bytes at a time, with no more than every amd64 has. A byte is plain where 0x60 more
// than it, in eight bits and with a sign, is at most 0xde: that is from a space to a tilde; and
// where it is neither a quote nor a backslash.

// func copyPlain(dst, text *byte, n int) int
TEXT ·copyPlain(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ $0x6060606060606060, AX
	MOVQ AX, X1
	PUNPCKLQDQ X1, X1
	MOVQ $0xdededededededede, AX
	MOVQ AX, X2
	PUNPCKLQDQ X2, X2
	MOVQ $0x2222222222222222, AX // quotes
	MOVQ AX, X3
	PUNPCKLQDQ X3, X3
	MOVQ $0x5c5c5c5c5c5c5c5c, AX // backslashes
	MOVQ AX, X4
	PUNPCKLQDQ X4, X4
	XORL DX, DX
next:
	MOVOU (SI)(DX*1), X0
	MOVOU X0, (DI)(DX*1)
	MOVO X0, X5
	PADDB X1, X5
	PCMPGTB X2, X5
	MOVO X0, X6
	PCMPEQB X3, X6
	PCMPEQB X4, X0
	POR X5, X6
	POR X6, X0
	PMOVMSKB X0, AX // a bit for each byte that is not plain
	TESTL AX, AX
	JNZ found
	ADDQ $16, DX
	LEAQ 16(DX), BX
	CMPQ BX, CX
	JLE next
	CMPQ DX, CX
	JEQ none
	LEAQ -16(CX), DX // the last sixteen, of which some are done twice
	JMP next
found:
	BSFL AX, AX
	ADDQ DX, AX
	MOVQ AX, ret+24(FP)
	RET
none:
	MOVQ $-1, ret+24(FP)
	RET
