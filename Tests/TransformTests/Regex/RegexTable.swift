/// Rows of a table: a line each, its cells between arrows. A line without an arrow is a heading. `‹A›` is U+000A.
func tableRows(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { line in
        line.split(separator: " ⟶ ", omittingEmptySubsequences: false).map { cell in
            var out = ""
            for (number, part) in cell.split(separator: "‹", omittingEmptySubsequences: false).enumerated() {
                guard number > 0 else {
                    out += part
                    continue
                }
                let halves = part.split(separator: "›", maxSplits: 1, omittingEmptySubsequences: false)
                if let scalar = UInt32(halves[0], radix: 16).flatMap(Unicode.Scalar.init) {
                    out.unicodeScalars.append(scalar)
                }
                if halves.count > 1 { out += halves[1] }
            }
            return out
        }
    }.filter { $0.count > 1 }
}

/// Pattern, text, and what is found: `start-end` in bytes, and ` (start-end)` for the group.
enum RegexTable {
    static let rows = tableRows(
        #"""
        # Literals
        a ⟶ cba ⟶ 2-3
        a ⟶  ⟶ no
        a ⟶ bcd ⟶ no
        abc ⟶ ababc ⟶ 2-5
        abc ⟶ ab ⟶ no
        é ⟶ aé ⟶ 1-3
        漢字 ⟶ x漢字y ⟶ 1-7
        😀 ⟶ é😀 ⟶ 2-6
        é ⟶ e‹301› ⟶ no
          ⟶ a b ⟶ 1-2
        \. ⟶ a.b ⟶ 1-2
        \\ ⟶ a\b ⟶ 1-2
        \t\n\r ⟶ x‹9›‹A›‹D› ⟶ 1-4
        \$ ⟶ 5$ ⟶ 1-2
        \^\*\+\?\(\)\[\]\{\}\|\- ⟶ ^*+?()[]{}|- ⟶ 0-12
        a-b ⟶ a-b ⟶ 0-3
        ‹9› ⟶ a‹9›b ⟶ 1-2
        / ⟶ a/b ⟶ 1-2
        # ⟶ a# ⟶ 1-2
        ‹FEFF› ⟶ ‹FEFF›a ⟶ 0-3
        aab ⟶ aaab ⟶ 1-4
        # Classes
        [abc] ⟶ xxb ⟶ 2-3
        [a-c] ⟶ d ⟶ no
        [^a-c] ⟶ abcd ⟶ 3-4
        [^a] ⟶ a ⟶ no
        [^a] ⟶ a‹A› ⟶ 1-2
        . ⟶ ‹A› ⟶ no
        . ⟶ ‹A›a ⟶ 1-2
        . ⟶ ‹D› ⟶ 0-1
        . ⟶ ‹2028› ⟶ 0-3
        . ⟶ ‹85› ⟶ 0-2
        . ⟶ é ⟶ 0-2
        [^\n] ⟶ ‹A›‹D› ⟶ 1-2
        [-a] ⟶ - ⟶ 0-1
        [a-] ⟶ - ⟶ 0-1
        [a\-z] ⟶ m- ⟶ 1-2
        [\]] ⟶ ] ⟶ 0-1
        [\[] ⟶ [ ⟶ 0-1
        [\\] ⟶ \ ⟶ 0-1
        [.*+?(){}|$] ⟶ a$ ⟶ 1-2
        [a^] ⟶ ^ ⟶ 0-1
        [\^a] ⟶ ^ ⟶ 0-1
        [0-9a-fA-F] ⟶ xG ⟶ no
        [à-ÿ] ⟶ aé ⟶ 1-3
        [^à-ÿ] ⟶ éa ⟶ 2-3
        [^é] ⟶ éè ⟶ 2-4
        [一-鿿] ⟶ a漢 ⟶ 1-4
        [😀-🙏] ⟶ 🚀😁 ⟶ 4-8
        [^😀] ⟶ 😀 ⟶ no
        [é漢😀] ⟶ x漢 ⟶ 1-4
        [ \t] ⟶ a‹9›b ⟶ 1-2
        [‹7F›-‹80›] ⟶ ‹80› ⟶ 0-2
        [߿ࠀ] ⟶ ࠀ ⟶ 0-3
        [‹FFFF›-𐀀] ⟶ 𐀀 ⟶ 0-4
        [aa-c] ⟶ b ⟶ 0-1
        [&~|] ⟶ ~ ⟶ 0-1
        [‹10FFFF›] ⟶ ‹10FFFF› ⟶ 0-4
        [^a] ⟶  ⟶ no
        # Repetition
        a* ⟶  ⟶ 0-0
        a* ⟶ b ⟶ 0-0
        a* ⟶ baa ⟶ 0-0
        a* ⟶ aab ⟶ 0-2
        a+ ⟶ baac ⟶ 1-3
        a+ ⟶ b ⟶ no
        a?b ⟶ aab ⟶ 1-3
        a? ⟶ aa ⟶ 0-1
        a{2} ⟶ aaa ⟶ 0-2
        a{2} ⟶ aba ⟶ no
        a{2,} ⟶ aaaa ⟶ 0-4
        a{2,}b ⟶ abaab ⟶ 2-5
        a{1,2} ⟶ aaa ⟶ 0-2
        a{0,2}b ⟶ aaab ⟶ 1-4
        a{0,}b ⟶ aab ⟶ 0-3
        a{1} ⟶ aa ⟶ 0-1
        (?:ab)+ ⟶ xababa ⟶ 1-5
        (?:ab){2} ⟶ ababab ⟶ 0-4
        (?:ab){1,2}c ⟶ abababc ⟶ 2-7
        (?:ab?)+c ⟶ aababc ⟶ 0-6
        é{2} ⟶ ééé ⟶ 0-4
        [^,]+ ⟶ ,,é, ⟶ 2-4
        [0-9]+ ⟶ tel 0456 ⟶ 4-8
        [0-9]+x ⟶ 12 34x ⟶ 3-6
        .+ ⟶ ab‹A›cd ⟶ 0-2
        [^;]*; ⟶ ab;c ⟶ 0-3
        (?:[0-9]{2}:){2}[0-9]{2} ⟶ at 12:34:56 ⟶ 3-11
        x{255} ⟶ x ⟶ no
        (?:é|漢)+a ⟶ é漢éa ⟶ 0-8
         + ⟶ a   b ⟶ 1-4
        [^0-9]+ ⟶ é漢1 ⟶ 0-5
        # Branches
        a|b ⟶ cb ⟶ 1-2
        ab|cd ⟶ acd ⟶ 1-3
        (?:a|b)c ⟶ abc ⟶ 1-3
        (?:a|b)+ ⟶ cabba ⟶ 1-5
        M[rs]\. ⟶ Ms. ⟶ 0-3
        (?:a(?:b|c)|d)e ⟶ ace ⟶ 0-3
        (?:ab|cd)*e ⟶ abcdabe ⟶ 0-7
        (?:a|b)?c ⟶ c ⟶ 0-1
        a|b|é|[0-9] ⟶ xé ⟶ 1-3
        (?:a|bc){2} ⟶ bca ⟶ 0-3
        (?:x|y[0-9])$ ⟶ y1x ⟶ 2-3
        Mrs? ⟶ Mr  ⟶ 0-2
        # Anchors
        ^a ⟶ ba ⟶ no
        ^a ⟶ ab ⟶ 0-1
        a$ ⟶ ab ⟶ no
        a$ ⟶ aba ⟶ 2-3
        a$ ⟶ a‹A› ⟶ no
        ^$ ⟶  ⟶ 0-0
        ^$ ⟶ a ⟶ no
        ^$ ⟶ ‹A› ⟶ no
        ^a*$ ⟶ aaa ⟶ 0-3
        ^a*$ ⟶ aab ⟶ no
        ^(?:a|b)$ ⟶ b ⟶ 0-1
        [0-9]*$ ⟶ a12b34 ⟶ 4-6
        [0-9]*$ ⟶ 12a ⟶ 3-3
        [^,]*$ ⟶ a,é ⟶ 2-4
        ^a ⟶ b‹A›a ⟶ no
        a$ ⟶ a‹A›b ⟶ no
        ^[0-9]{7,15}$ ⟶ 123456 ⟶ no
        ^[0-9]{7,15}$ ⟶ 1234567 ⟶ 0-7
        ^[0-9]{7,15}$ ⟶ 1234567890123456 ⟶ no
        é$ ⟶ éé ⟶ 2-4
        ^. ⟶ é ⟶ 0-2
        a?$ ⟶ ba ⟶ 1-2
        a?$ ⟶ ab ⟶ 2-2
        a+$ ⟶ aabaa ⟶ 3-5
        # Groups
        @([^@]+)$ ⟶ a@b@c.d ⟶ 3-7 (4-7)
        (a) ⟶ ba ⟶ 1-2 (1-2)
        a(b)c ⟶ xabc ⟶ 1-4 (2-3)
        a(b*)c ⟶ ac ⟶ 0-2 (1-1)
        a(b*)c ⟶ abbc ⟶ 0-4 (1-3)
        a(b)?c ⟶ ac ⟶ 0-2
        a(b)?c ⟶ abc ⟶ 0-3 (1-2)
        (?:a(b)|c)d ⟶ cd ⟶ 0-2
        (?:a(b)|c)d ⟶ abd ⟶ 0-3 (1-2)
        a*(é*)b ⟶ xaaéb ⟶ 1-6 (3-5)
        (a*) ⟶ b ⟶ 0-0 (0-0)
        (a*)$ ⟶ ba ⟶ 1-2 (1-2)
        ((?:ab)+)c ⟶ ababc ⟶ 0-5 (0-4)
        ([0-9]+) ⟶ a12 ⟶ 1-3 (1-3)
        ^([^ ]+)  ⟶ Ann Lee ⟶ 0-4 (0-3)
        (?:x(a))?b ⟶ b ⟶ 0-1
        (?:x(a))?b ⟶ xab ⟶ 0-3 (1-2)
        (ab?){1} ⟶ ab ⟶ 0-2 (0-2)
        x(a)(?:bc)? ⟶ xab ⟶ 0-2 (1-2)
        (a(?:b|c))d ⟶ acd ⟶ 0-3 (0-2)
        é(漢)é ⟶ é漢é ⟶ 0-7 (2-5)
        a(é?)b ⟶ aéb ⟶ 0-4 (1-3)
        (a)?b ⟶ ab ⟶ 0-2 (0-1)
        (a)?b ⟶ b ⟶ 0-1
        (a+)?$ ⟶ baa ⟶ 1-3 (1-3)
        (a+)?$ ⟶ b ⟶ 1-1
        [0-9]*([a-z]*) ⟶ 1é ⟶ 0-1 (1-1)
        """#)
}
