import Foundations
import Inference
import Testing

@Test func `An outcome without an answer costs nothing`() {
    let outcome = InferenceOutcome(job: "a", result: .failure(.init(.inferenceNone, "nobody")))
    #expect(outcome.tokenActual == 0)
}
