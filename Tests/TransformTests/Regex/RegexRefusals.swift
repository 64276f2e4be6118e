/// Pattern, where it is refused, and a part of the message.
enum RegexRefusals {
    static let rows = tableRows(
        #"""
        # Escapes
        \d+ ⟶ 0 ⟶ `[0-9]`
        a\D ⟶ 1 ⟶ `[^0-9]`
        \w ⟶ 0 ⟶ `[A-Za-z0-9_]`
        \W ⟶ 0 ⟶ `[^A-Za-z0-9_]`
        \s ⟶ 0 ⟶ `[ \t\n\r]`
        \S ⟶ 0 ⟶ `[^ \t\n\r]`
        [\d] ⟶ 1 ⟶ `0-9`
        [a\w] ⟶ 2 ⟶ `A-Za-z0-9_`
        [\D] ⟶ 1 ⟶ List
        \bfoo ⟶ 0 ⟶ beside
        \B ⟶ 0 ⟶ beside
        \Aa ⟶ 0 ⟶ `^`
        a\z ⟶ 1 ⟶ `$`
        a\Z ⟶ 1 ⟶ `$`
        (a)\1 ⟶ 3 ⟶ Write out
        \k<a> ⟶ 0 ⟶ Write out
        \p{L} ⟶ 0 ⟶ ranges
        \x41 ⟶ 0 ⟶ itself
        \u00e9 ⟶ 0 ⟶ itself
        \0 ⟶ 0 ⟶ itself
        \f ⟶ 0 ⟶ itself
        \Qa\E ⟶ 0 ⟶ each
        \R ⟶ 0 ⟶ `\r?\n`
        \h ⟶ 0 ⟶ `[ \t]`
        \/ ⟶ 0 ⟶ `/`
        \a ⟶ 0 ⟶ itself
        a\ ⟶ 1 ⟶ `\\`
        \é ⟶ 0 ⟶ without
        [\b] ⟶ 1 ⟶ beside
        \_ ⟶ 0 ⟶ without
        \y ⟶ 0 ⟶ `y`
        # Groups
        (?=a)b ⟶ 0 ⟶ stands beside
        (?!a)b ⟶ 0 ⟶ stands beside
        (?<=a)b ⟶ 0 ⟶ stands beside
        (?<!a)b ⟶ 0 ⟶ stands beside
        (?<n>a) ⟶ 0 ⟶ `( … )`
        (?P<n>a) ⟶ 0 ⟶ `( … )`
        (?'n'a) ⟶ 0 ⟶ `( … )`
        (?P=n) ⟶ 0 ⟶ Write out
        (?>a) ⟶ 0 ⟶ `(?: … )`
        (?i)a ⟶ 0 ⟶ [Aa]
        (?i:a) ⟶ 0 ⟶ [Aa]
        (?#x)a ⟶ 0 ⟶ Leave
        (?|a) ⟶ 0 ⟶ `(?: … )`
        (a)(b) ⟶ 3 ⟶ `(?: … )`
        ((a)) ⟶ 1 ⟶ `(?: … )`
        () ⟶ 0 ⟶ Leave
        (?:) ⟶ 0 ⟶ Leave
        (a ⟶ 0 ⟶ Add
        a) ⟶ 1 ⟶ `\)`
        (?:a ⟶ 0 ⟶ Add
        ( ⟶ 0 ⟶ Add
        (? ⟶ 0 ⟶ (?: … )
        (a)* ⟶ 3 ⟶ inside
        (a)+ ⟶ 3 ⟶ inside
        (?:x(a)){2} ⟶ 8 ⟶ inside
        (a*)? ⟶ 0 ⟶ `a*`
        (?:b|(a*)c)?(?:d)?x|( ⟶ 20 ⟶ `(?: … )`
        (?:x(a*)y)? ⟶ 4 ⟶ (a*)
        (?:x(a*)|b)c ⟶ 4 ⟶ (a*)
        # Repetition
        *a ⟶ 0 ⟶ `\*`
        + ⟶ 0 ⟶ `\+`
        a|? ⟶ 2 ⟶ `\?`
        a*? ⟶ 2 ⟶ `[^;]*;`
        a+?b ⟶ 2 ⟶ `[^;]*;`
        a?? ⟶ 2 ⟶ `[^;]*;`
        a{2}? ⟶ 4 ⟶ `[^;]*;`
        a++ ⟶ 2 ⟶ Leave
        a*+ ⟶ 2 ⟶ Leave
        a** ⟶ 2 ⟶ Keep
        a{2}{3} ⟶ 4 ⟶ Keep
        a{256} ⟶ 1 ⟶ 255
        a{1,999} ⟶ 1 ⟶ 255
        a{99999999999999999999} ⟶ 1 ⟶ 255
        a{3,1} ⟶ 1 ⟶ `{1,3}`
        a{,3} ⟶ 1 ⟶ `{0,m}`
        a{ ⟶ 1 ⟶ `\{`
        a{x} ⟶ 1 ⟶ `\{`
        {2} ⟶ 0 ⟶ `\{`
        a{0} ⟶ 1 ⟶ Leave
        a{0,0} ⟶ 1 ⟶ Leave
        (?:a*)* ⟶ 0 ⟶ `a*`
        (?:a?)+ ⟶ 0 ⟶ (?:a)*
        (?:a*)? ⟶ 0 ⟶ `a*`
        (?:a?b?){2} ⟶ 0 ⟶ at least one
        a} ⟶ 1 ⟶ `\}`
        a] ⟶ 1 ⟶ `\]`
        a{2 ⟶ 1 ⟶ `\{`
        # Branches
        |a ⟶ 0 ⟶ `?`
        a| ⟶ 2 ⟶ `?`
        (?:a||b) ⟶ 5 ⟶ `?`
        (?:a*|b) ⟶ 3 ⟶ `?`
        a|ab ⟶ 2 ⟶ ab?
        (?:ab|ac) ⟶ 6 ⟶ in common
        ^a|b ⟶ 0 ⟶ ^(?:a|b)$
        a|b$ ⟶ 3 ⟶ ^(?:a|b)$
        Street|St ⟶ 7 ⟶ in common
        [a-c]|b ⟶ 6 ⟶ in common
        # Anchors
        a^b ⟶ 1 ⟶ `\^`
        (^a) ⟶ 1 ⟶ `\^`
        a$b ⟶ 1 ⟶ `\$`
        (a$) ⟶ 2 ⟶ `\$`
        a|^b ⟶ 2 ⟶ `\^`
         ⟶ 0 ⟶ ^$
        ^ ⟶ 0 ⟶ ^$
        $ ⟶ 0 ⟶ ^$
        $a ⟶ 0 ⟶ `\$`
        ^* ⟶ 1 ⟶ `\*`
        ^^ ⟶ 1 ⟶ `\^`
        a$$ ⟶ 1 ⟶ `\$`
        # Classes
        [] ⟶ 0 ⟶ `\]`
        []a] ⟶ 0 ⟶ `\]`
        [^] ⟶ 0 ⟶ `\]`
        [a ⟶ 0 ⟶ Add
        [ ⟶ 0 ⟶ Add
        [a- ⟶ 0 ⟶ Add
        [z-a] ⟶ 1 ⟶ lower
        [[:digit:]] ⟶ 1 ⟶ 0-9
        [a[b]] ⟶ 2 ⟶ `\[`
        [a&&b] ⟶ 2 ⟶ once
        [a~~b] ⟶ 2 ⟶ once
        [a-z-9] ⟶ 4 ⟶ first or last
        [a--b] ⟶ 3 ⟶ first or last
        [--a] ⟶ 1 ⟶ first or last
        [\é] ⟶ 1 ⟶ without
        [[.a.]] ⟶ 1 ⟶ `\[`
        # One way
        a*a ⟶ 2 ⟶ one repetition
        [0-9]{1,3}[0-9] ⟶ 10 ⟶ a{1,4}
        .*@ ⟶ 2 ⟶ [^\n@]
        [a-z]*b ⟶ 6 ⟶ `[ac-z]`
        (?:a+)+ ⟶ 3 ⟶ inside of each other
        (?:ab?)*b ⟶ 8 ⟶ one repetition
        a?[ab] ⟶ 2 ⟶ `b`
        é*[^a] ⟶ 2 ⟶ [^aé]
        (?:a|b)*abb ⟶ 8 ⟶ one repetition
        x(?:ab)?a ⟶ 8 ⟶ one repetition
        [^;]+. ⟶ 5 ⟶ exclude
        a{2,3}a ⟶ 6 ⟶ a{1,4}
        (a*)a ⟶ 4 ⟶ one repetition
        # Size
        (?:a{200}b){11} ⟶ 0 ⟶ 1000
        (?:[a-z]{250}[0-9]){9} ⟶ 0 ⟶ 1000
        ‹0› ⟶ 0 ⟶ separator
        (?:[0-9]{255}a){3}(?:[b-c]{255}a){3}(?:[d-e]{255}a){3} ⟶ 0 ⟶ 2000
        # Two mistakes that look right
        (?:Mr|Ms)\. ⟶ 6 ⟶ in common
        ([0-9]+)\.([0-9]+) ⟶ 10 ⟶ `(?: … )`
        ^(a|b)+$ ⟶ 6 ⟶ inside
        [0-9]*([a-z]*)[0-9]* ⟶ 14 ⟶ one repetition
        x*(a|b|) ⟶ 7 ⟶ `?`
        """#)
}
