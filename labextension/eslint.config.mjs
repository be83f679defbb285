import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';

// Text of notebooks is never parsed as HTML: these are the ways by which it could be.
const asText = ['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'dangerouslySetInnerHTML'];

export default ts.config(
  { ignores: ['lib', 'src/api/schema.ts'] },
  ...ts.configs.strict,
  {
    plugins: { 'react-hooks': hooks },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'no-restricted-properties': ['error', ...asText.map(property => ({ property }))],
      'no-restricted-syntax': [
        'error',
        {
          selector: `:matches(Identifier, JSXIdentifier, Literal[value=/HTML$/])[name=/^(${asText.join('|')})$/]`,
          message: 'Show it as text.'
        },
        { selector: 'ImportDeclaration[source.value=/utils$/]:not([source.value=/^@/])', message: 'Name the file after what it does.' }
      ],
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }]
    }
  }
);
