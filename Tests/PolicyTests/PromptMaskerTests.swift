import Contracts
import Detection
import Foundations
import Policy
import Testing

private func masker() throws -> PromptMasker {
    try shippedEngine().promptMasker(permit: try Masking.permit(.callProvider))
}

@Suite struct `A prompt's placeholders` {
    @Test func `are typed and numbered by first appearance, one for one value`() throws {
        var masker = try masker()
        let first = masker.mask("Mail ada@example.com or bob@example.com, call +44 20 7946 0018.")
        #expect(first.text == "Mail ⟨EMAIL_1⟩ or ⟨EMAIL_2⟩, call ⟨PHONE_1⟩." && first.hidesText)
        let second = masker.mask("bob@example.com again, and 10.1.2.3")
        #expect(second.text == "⟨EMAIL_2⟩ again, and ⟨IP_1⟩")
        #expect(masker.vault.names == ["EMAIL_1", "EMAIL_2", "PHONE_1", "IP_1"])
        let plain = masker.mask("nothing here")
        #expect(plain.text == "nothing here" && !plain.hidesText)
        var other = try self.other()
        #expect(other.mask("bob@example.com").text == "⟨EMAIL_1⟩")
    }

    private func other() throws -> PromptMasker { try masker() }

    @Test func `stand for a value wherever it stands again, as a whole word`() throws {
        var masker = try masker()
        _ = masker.mask("phone 555 0101 22")
        let again = masker.mask("555 0101 22, x555 0101 22 and 555 0101 223")
        #expect(again.text == "⟨PHONE_1⟩, x555 0101 22 and 555 0101 223")
    }

    @Test func `cannot be forged: brackets of a text are placeholders themselves`() throws {
        for text in ["⟨EMAIL_1⟩", "〈EMAIL_1〉", "\u{2329}EMAIL_1\u{232A}", "＜email_1＞", "⟨ EMAIL_1 ⟩"] {
            var masker = try masker()
            let prompt = masker.mask("ada@example.com wrote \(text) and 日本語")
            #expect(prompt.text.contains("⟨SIGN_1⟩") && prompt.text.contains("⟨SIGN_2⟩"), "\(prompt.text)")
            #expect(prompt.text.components("⟨EMAIL_1⟩") == 1)
            let restored = try masker.vault.restore(prompt.text)
            #expect(restored.text == "ada@example.com wrote \(text) and 日本語")
        }
    }

    @Test func `restore an answer, whatever order and number it has them in`() throws {
        var masker = try masker()
        _ = masker.mask("ada@example.com, 10.1.2.3")
        let vault = masker.vault
        #expect(try vault.restore("⟨IP_1⟩: ⟨EMAIL_1⟩, ⟨EMAIL_1⟩").text == "10.1.2.3: ada@example.com, ada@example.com")
        let parts = try vault.restore(["to ⟨EMAIL_1⟩", "from ⟨IP_1⟩"])
        #expect(parts.map(\.text) == ["to ada@example.com", "from 10.1.2.3"])
        #expect(try vault.restore("nothing", requiring: .none).text == "nothing")
        #expect(try vault.restore("⟨EMAIL_1⟩", requiring: .only(["EMAIL_1"])).text == "ada@example.com")
    }

    @Test(arguments: [
        "⟨ EMAIL_1 ⟩", "⟨email_1⟩", "〈EMAIL_1〉", "\u{2329}EMAIL_1\u{232A}", "＜EMAIL_1＞", "⟨ＥＭＡＩＬ＿１⟩",
        "⟨EMAIL\u{200B}_1⟩",
    ])
    func `are known in other brackets, case, width and with blanks`(_ variant: String) throws {
        var masker = try masker()
        _ = masker.mask("ada@example.com")
        #expect(try masker.vault.restore("to \(variant)!").text == "to ada@example.com!")
    }

    @Test(arguments: ["", "to somebody", "to <EMAIL_2>", "to [EMAIL]", "to E-MAIL 1", "⟨IP_1⟩"])
    func `that are lost are QUARANTINE_REQUIRED`(_ answer: String) throws {
        var masker = try masker()
        _ = masker.mask("ada@example.com from 10.1.2.3")
        let error = #expect(throws: SluiceError.self) { try masker.vault.restore(answer) }
        #expect(error?.detail == "prompt.placeholder_lost" && error?.code == .quarantineRequired)
        #expect(error?.message.contains("ada") == false)
    }

    @Test(arguments: [
        "⟨EMAIL_2⟩", "⟨EMAIL_1⟩ ⟨PERSON_1⟩", "⟨EMAIL_1⟩ ⟨EMAIL 1⟩", "⟨EMAIL_1⟩ ⟨EMAIL_1", "⟨EMAIL_1⟩ EMAIL_1⟩",
        "⟨⟩⟨EMAIL_1⟩",
        "⟨EMAIL_1⟩ and “EMAIL_1”", "⟨EMAIL_1⟩ EMAIL_1—", "⟨EMAIL_1⟩ ＥＭＡＩＬ＿１", "⟨EMAIL_1⟩ email_1",
        "⟨EMAIL_1⟩ EMAIL\u{200B}_1", "⟨EMAIL_1⟩ EMAIL_1です",
        "⟨EMAIL_1⟩ ⟨⟨EMAIL_1⟩⟩", "⟨EMAIL_1⟩ <EMAIL_1>", "⟨EMAIL_1⟩ EMAIL_1", "⟨EMAIL_1⟩ ⟨EMAIL_01⟩", "⟨EMAIL_1⟩ ⟨x, y⟩",
    ])
    func `that are invented or altered are QUARANTINE_REQUIRED`(_ answer: String) throws {
        var masker = try masker()
        _ = masker.mask("ada@example.com")
        for requirement in [PlaceholderVault.Requirement.all, .none] {
            let error = #expect(throws: SluiceError.self) { try masker.vault.restore(answer, requiring: requirement) }
            #expect(error?.detail == "prompt.placeholder_invented" && error?.code == .quarantineRequired, "\(answer)")
        }
    }

    @Test func `leave words of the text alone that look like their names`() throws {
        var masker = try masker()
        let prompt = masker.mask("Map EMAIL_1 and PHONE_1 for ada@example.com")
        #expect(prompt.text == "Map EMAIL_1 and PHONE_1 for ⟨EMAIL_1⟩")
        #expect(try masker.vault.restore("EMAIL_1 is ⟨EMAIL_1⟩").text == "EMAIL_1 is ada@example.com")
        #expect(
            try masker.vault.restore("éEMAIL_1, “email_1”: ⟨EMAIL_1⟩").text == "éEMAIL_1, “email_1”: ada@example.com")
    }

    @Test func `hide every value of a restored text again`() throws {
        var first = try masker()
        _ = first.mask("phone 555 0101 22")
        let restored = try first.vault.restore("The line is ⟨PHONE_1⟩ or so")
        #expect(restored.text == "The line is 555 0101 22 or so")
        // Without the word in front of it no detector finds the number.
        var bare = try masker()
        #expect(bare.mask(restored.text).text == restored.text)
        var second = try masker()
        #expect(second.mask(restored).text == "The line is ⟨PHONE_1⟩ or so")
        #expect(try second.vault.restore("⟨PHONE_1⟩").text == "555 0101 22")
        // What was noted and did not appear is not asked for.
        var third = try masker()
        _ = third.mask(restored)
        _ = third.mask("more")
        #expect(third.vault.names == ["PHONE_1"])
    }

    @Test(arguments: ["I know “⟨X⟩”", "«⟨X⟩»…", "⟨X⟩s and x⟨X⟩", "卡⟨X⟩です", "é⟨X⟩é"])
    func `hide every value of a restored text where it was put`(answer: String) throws {
        var first = try masker()
        _ = first.mask("password: Xy9Blint77 and phone 555 0101 22")
        #expect(first.vault.names.count == 2)
        for name in first.vault.names {
            let restored = try first.vault.restore(answer.replacing("X", with: name), requiring: .none)
            var second = try masker()
            let prompt = second.mask(restored)
            #expect(!prompt.text.contains("0101") && !prompt.text.contains("Xy9"), "\(prompt.text)")
            #expect(try second.vault.restore(prompt.text).text == restored.text)
        }
    }

    @Test func `hide short values and whole ones of which a detector finds a part`() throws {
        var first = try masker()
        _ = first.mask("password: Qi9 and password: Ab9/john@example.com now")
        let secrets = first.vault.names
        #expect(!secrets.isEmpty)
        let restored = try first.vault.restore(
            secrets.map { "try ⟨\($0)⟩x" }.joined(separator: " or "), requiring: .none)
        var second = try masker()
        let prompt = second.mask(restored)
        #expect(!prompt.text.contains("Qi9") && !prompt.text.contains("Ab9") && !prompt.text.contains("john"))
        #expect(try second.vault.restore(prompt.text).text == restored.text)
    }

    @Test func `hide a known value beside signs that are no letters, and no part of a longer word`() throws {
        var masker = try masker()
        _ = masker.mask("phone 555 0101 22")
        let signs = masker.mask("“555 0101 22” 卡555 0101 22です 555 0101 22… é555 0101 22")
        #expect(signs.text == "“⟨PHONE_1⟩” 卡⟨PHONE_1⟩です ⟨PHONE_1⟩… é555 0101 22")
    }

    @Test func `take time that grows with the text alone`() throws {
        func steps(_ count: Int) throws -> Duration {
            var masker = try masker()
            let text =
                (0..<count).map { "aaaa\($0)@x.com" }.joined(separator: " ") + " "
                + String(repeating: "a", count: 20 * count)
            return ContinuousClock().measure { _ = masker.mask(text) }
        }
        _ = try steps(100)
        let less = try min(steps(200), steps(200), steps(200))
        let more = try min(steps(1600), steps(1600))
        // Eight times the text; all values at each place would be 64 times the work.
        #expect(more < less * 32, "\(less) \(more)")
    }

    @Test func `are not printed with their values`() throws {
        var masker = try masker()
        let prompt = masker.mask("ada@example.com")
        let restored = try masker.vault.restore("⟨EMAIL_1⟩")
        var dumped = ""
        dump(masker.vault, to: &dumped)
        dump(restored, to: &dumped)
        dump(masker, to: &dumped)
        for text in ["\(masker.vault)", "\(restored)", String(reflecting: masker), dumped, "\(prompt)"] {
            #expect(!text.contains("ada@") && !text.contains("97, 100, 97"), "\(text)")
        }
    }

    @Test func `come back whole from random texts`() throws {
        let parts = [
            "ada@example.com", "⟨", "⟩", "〈", " EMAIL_1 ", "+44 20 7946 0018", "⟨EMAIL_1⟩", "日本", "é", " ", "x",
            "10.0.0.1", "\n",
            "＜", "<", "bob@example.com",
        ]
        var state: UInt64 = 3
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += parts[Int((state >> 33) % UInt64(parts.count))] + " "
            }
            var masker = try masker()
            let prompt = masker.mask(text)
            #expect(!prompt.text.contains("@example") && !prompt.text.contains("7946"), "\(text)")
            #expect(try masker.vault.restore(prompt.text).text == text, "\(prompt.text)")
        }
    }
}

extension String {
    /// How often a text stands in it.
    fileprivate func components(_ text: String) -> Int { ranges(of: text).count }
}
