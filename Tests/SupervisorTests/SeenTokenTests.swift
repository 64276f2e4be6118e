import Contracts
import Foundations
import Testing

@testable import Store
@testable import Supervisor

/// The token of what a person has before them: no I/O.
@Suite("The token of what was seen")
struct SeenTokenTests {
    private let base = Ledger.toConfirmation

    private func evidence(_ steps: [Ledger.Step]) throws -> GateEvidence { try Ledger(steps).evidence() }

    @Test("is what docs/ledger.md says")
    func definition() throws {
        let token = SeenToken.make(
            run: Ledger.run, stage: .mapping, hold: .fix, artifacts: ["mapping_plan": "ab", "catalog": "cd"],
            contractHash: "ef", ends: 3)
        let text = """
            {"artifacts":{"catalog":"cd","mapping_plan":"ab"},"contract_hash":"ef","ends":3,"hold":"fix",\
            "run_id":"\(Ledger.run)","stage":"MAPPING"}
            """
        #expect(token == String(SHA256.hash("sluice/seen/1\n" + text).hex.prefix(16)))
        #expect(SeenToken.isToken(token) && SeenToken.isToken(token.uppercased()))
        for wrong in ["", "ab", token + "0", String(token.dropLast()) + "g", String(token.dropLast()) + "é"] {
            #expect(!SeenToken.isToken(wrong), "\(wrong)")
        }
    }

    @Test("is another one for another run, stage, hold, artifact, contract or number of ends")
    func distinct() {
        let artifacts = ["catalog": "cd"]
        var tokens: [String] = []
        for run in [Ledger.run, ULID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))] {
            for stage in [Stage.ingest, .domains] {
                for hold in RunMachine.Hold.allCases {
                    for made in [artifacts, ["catalog": "ce"], ["sample_pack": "cd"], [:]] {
                        for contract in ["a", "b"] {
                            for ends in 1...2 {
                                tokens.append(
                                    SeenToken.make(
                                        run: run, stage: stage, hold: hold, artifacts: made, contractHash: contract,
                                        ends: ends))
                            }
                        }
                    }
                }
            }
        }
        #expect(Set(tokens).count == tokens.count && tokens.count == 192)
    }

    @Test("stays when the decision is left for later, and changes when a stage made the very same again")
    func stays() throws {
        let held = try evidence(base)
        let later = try evidence(base + [.decide(.migration, .hold, about: "a")])
        #expect(held.token == later.token && held.token != nil)
        #expect(later.waited.count == 1)
        let again = try evidence(
            base + [.decide(.migration, .fix, about: "a"), .end(.mapping, .accept, "m"), .end(.analysis, .accept, "a")])
        #expect(again.artifacts == held.artifacts && again.token != held.token)
    }

    private func refusal(_ evidence: GateEvidence, _ token: String) -> SluiceError? {
        do throws(SluiceError) {
            try evidence.require(seen: token) { (_) throws(SluiceError) in nil }
            return nil
        } catch { return error }
    }

    @Test("is refused when it is that of an earlier version, and the message says what changed")
    func replayed() throws {
        let first = try evidence(base)
        let token = try #require(first.token)
        #expect(refusal(first, token) == nil && refusal(first, token.uppercased()) == nil)
        let sentBack = base + [.decide(.migration, .fix, about: "a"), .end(.mapping, .accept, "n")]
        let again = try evidence(sentBack + [.end(.analysis, .accept, "b")])
        let error = try #require(refusal(again, token))
        #expect(error.detail == "gate.seen" && error.code == .policyBlock)
        for words in [
            "held at MIGRATION (confirmation), event 6", "MAPPING ended again; ANALYSIS ended again",
            "mapping_plan was \(Ledger.hash("m").hex.prefix(12))…, and is \(Ledger.hash("n").hex.prefix(12))…",
            "analysis_report was",
        ] {
            #expect(error.message.contains(words), "\(error.message)")
        }
        #expect(error.hint.contains("sluice show \(Ledger.run)"))
    }

    @Test("is refused when it is that of another gate of the run, of another run, of nothing, or none at all")
    func foreign() throws {
        let steps: [Ledger.Step] = Array(base.dropLast()) + [.end(.analysis, .hold, "a")]
        let atAnalysis = try #require(try evidence(steps).token)
        let confirming = try evidence(steps + [.decide(.analysis, .accept, about: "a")])
        let stage = try #require(refusal(confirming, atAnalysis))
        #expect(stage.message.contains("held at ANALYSIS (thresholds)"), "\(stage.message)")
        #expect(stage.message.contains("it is held at MIGRATION (confirmation)"), "\(stage.message)")
        let unknown = try #require(refusal(confirming, "0123456789abcdef"))
        #expect(unknown.message.contains("of nothing at which"), "\(unknown.message)")
        let none = try #require(refusal(confirming, "yes"))
        #expect(none.message.contains("“yes” is no token: 16"), "\(none.message)")
        let other = ULID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        var message = ""
        do throws(SluiceError) {
            try confirming.require(seen: "0123456789abcdef") { (_) throws(SluiceError) in
                (other, confirming.waited[0])
            }
        } catch { message = error.message }
        #expect(message.contains("another run, \(other), held at ANALYSIS"), "\(message)")
    }
}
