// The one canonical base of everything Tsumugi defines: profiles, extensions, operations, code systems. It names things;
// BASE_URL is where a server answers.
export const CANONICAL = 'https://tsumugi.example/fhir';
export const VACCINE_SYSTEM = `${CANONICAL}/CodeSystem/vaccine`;
