import Foundations
import Testing

#if SLUICE_TEST_HOOKS
@Suite struct FailpointTests {
    @Test func `a name says its step and its place, and stands once`() {
        let names = Failpoint.names
        #expect(Set(names).count == names.count && names.count % 3 == 0)
        #expect(names.contains("store.commit_stage.before") && names.contains("target.chunk.middle"))
        #expect(names.allSatisfy { $0.split(separator: ".").count == 3 })
    }

    @Test func `nothing happens in a process that was not asked for it`() {
        #expect(Failpoint.hit(.commitStage, .before) == nil)
    }
}
#endif
